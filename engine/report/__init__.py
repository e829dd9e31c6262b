"""A trace in words and on paper: texts of events, explanations, reports."""
