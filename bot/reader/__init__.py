"""The span reader: finds a question's answer in a passage, or that it is not there.

    spans         token positions to windows and best spans             pure
    network       the encoder and its heads; the only torch module in use
    reading       Reader, what the rest of the program holds

Made with, and not needed in use: data, negatives, batches, checkpoints, progress,
training, exporting and evaluation.
"""
