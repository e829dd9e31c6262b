"""WFP's management side: layers, fields, conditions, filters, sublayers, providers, callouts, transactions."""
