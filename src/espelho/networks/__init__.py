"""Networks: modules from tensors to tensors; they know no loss, no data, no training."""
