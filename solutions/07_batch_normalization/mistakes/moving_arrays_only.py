"""A float times a list: TypeError."""

TASK = "update_moving"
CAUGHT_BY = ("moving_kinds",)


def update_moving(moving, batch, momentum=0.99):
    return momentum * moving + (1 - momentum) * batch
