"""The learned part of acts: what a turn does, by a small head over a sentence encoder.

examples/en, examples/de   what people say, labelled with every act it performs (read_examples)
validation/                further utterances in another style: for choosing, never for training
head.py                    ActHead: texts in, calibrated probabilities per act out
train.py                   `python -m models.acts.train --language en` makes weights/ from the examples
"""
