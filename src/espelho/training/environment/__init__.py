"""The environment of a training: device, threads, random streams, Ctrl-C."""
