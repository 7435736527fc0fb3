"""Translation: engines behind one protocol, a memory by sentence, and a gate that no bad sentence passes unmarked."""
