"""Numbers with their uncertainty: every reported rate has an interval and its n."""
