"""The frames table: its rows, columns, colours and order."""
