"""Plain loops, lists returned."""

TASK = "batch_norm_train"


def batch_norm_train(x, gamma, beta, epsilon=1e-3):
    n, d = len(x), len(x[0])
    mean, var = [], []
    y = [[0.0] * d for _ in range(n)]
    for j in range(d):
        column = [float(row[j]) for row in x]
        middle = sum(column) / n
        width = sum((value - middle) ** 2 for value in column) / n
        for i, value in enumerate(column):
            y[i][j] = float(gamma[j]) * (value - middle) / (width + epsilon) ** 0.5 + float(beta[j])
        mean.append(middle)
        var.append(width)
    return [y, mean, var]
