"""What a run is: frozen models, and the door that checks a configuration against them."""
