"""Finding anomalies: rows that an autoencoder does not give back."""
