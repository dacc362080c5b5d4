"""span: silver labels, the model that finds the description of an image in the text around it, and its predictions."""
