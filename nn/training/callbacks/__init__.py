"""What is told of each epoch: logs, pictures, programs that keep experiments."""
