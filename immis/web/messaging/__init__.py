"""The inbox, the log of deliveries, texts registered for SMS, and the phones of the training installation."""
