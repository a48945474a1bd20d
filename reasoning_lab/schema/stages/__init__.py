"""What each verb is: one class a verb, and the table of them."""
