"""Files: a traced graph as ONNX or as a program of torch, and running what was written."""
