"""The learned part of acts: what a turn does, by a small head over a sentence encoder.

examples/en, examples/de   what people say, labelled with every act it performs (read_examples)
validation/                calls and lines in other hands: for choosing and measuring, never for training
head.py                    ActHead: texts in, calibrated probabilities per act out
lines.py                   how the lines of the validation set are read, act by act
train.py                   `python -m models.acts.train --language en` makes weights/ from the examples
"""
