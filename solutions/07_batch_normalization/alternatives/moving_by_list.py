"""A list comprehension."""

TASK = "update_moving"


def update_moving(moving, batch, momentum=0.99):
    return [momentum * float(old) + (1 - momentum) * float(new) for old, new in zip(moving, batch, strict=True)]
