"""Hidden grader of 07_batch_normalization: normalising, moving statistics, predicting, two networks, epochs.

Every check judges one idea, so that one misconception is charged once: the formula is asked for with variances so large that
epsilon does not show, gamma and beta are judged against the student's own answer without them, epsilon whatever was normalised.
Networks are read as a chain of layers, so the way in which they were written down does not matter. What the contract leaves open
(float32, statistics of shape (1, d), a momentum of one's own, dense layers without bias, one more normalization of the input) is
not judged.
"""

from dataclasses import dataclass

import numpy as np

from autograder.checks import (
    CheckFailed,
    Text,
    check,
    expect,
    expect_array,
    expect_close,
    expect_integer,
    expect_unchanged,
)
from autograder.errors import StudentError

RTOL, ATOL = 1e-4, 1e-5  # wide enough for answers computed in float32
EPSILON = 1e-3
MOMENTUM = 0.99

HINTS = {
    # the batch's own statistics
    "triple": Text(
        es="Se piden tres cosas en este orden: y, la media y la varianza, todas de números finitos.",
        en="Three things are asked for, in this order: y, the mean and the variance, all made of finite numbers.",
    ),
    "per_sample": Text(
        es="Hay una por muestra: has recorrido las columnas. Se calcula por columna, sobre las muestras: axis=0.",
        en="There is one per sample: you went along the columns. It is taken per column, over the samples: axis=0.",
    ),
    "whole_table": Text(
        es="Hay una sola para toda la tabla: se calcula por columna, sobre las muestras: axis=0.",
        en="There is a single one for the whole table: it is taken per column, over the samples: axis=0.",
    ),
    "one_per_column": Text(
        es="Se pide un número por columna, forma (d,).",
        en="One number per column is asked for, shape (d,).",
    ),
    "mean": Text(
        es="La media no es la de cada columna del lote.",
        en="The mean is not that of each column of the batch.",
    ),
    "sample_variance": Text(
        es="Divides entre n − 1: se pide la varianza poblacional, entre n (ddof=0, lo que NumPy hace si no se dice nada).",
        en="You divide by n − 1: the population variance is asked for, divided by n (ddof=0, NumPy's default).",
    ),
    "deviation": Text(
        es="Devuelves la desviación típica: se pide la varianza, sin raíz.",
        en="You return the standard deviation: the variance is asked for, without the root.",
    ),
    "with_epsilon": Text(
        es="A la varianza que devuelves le has sumado epsilon: solo se suma dentro de la raíz.",
        en="You added epsilon to the variance you return: it is only added inside the root.",
    ),
    "variance": Text(
        es="La varianza no es la media de los cuadrados de las distancias a la media, columna a columna.",
        en="The variance is not the mean of the squared distances from the mean, column by column.",
    ),
    "table": Text(
        es="y debe tener la forma de x, (n, d), con números finitos.",
        en="y must have the shape of x, (n, d), with finite numbers.",
    ),
    "along_rows": Text(
        es="Normalizas cada muestra por su cuenta, a lo largo de sus columnas. Aquí se normaliza cada columna sobre el lote: "
        "axis=0.",
        en="You normalise every sample by itself, along its columns. Here each column is normalised over the batch: axis=0.",
    ),
    "all_together": Text(
        es="Usas una sola media y una sola varianza para toda la tabla: hay una por columna.",
        en="You use one mean and one variance for the whole table: there is one per column.",
    ),
    "by_variance": Text(
        es="Divides entre la varianza: se divide entre su raíz.",
        en="You divide by the variance: divide by its root.",
    ),
    "not_centred": Text(
        es="Falta restar la media antes de dividir.",
        en="The mean has to be subtracted before dividing.",
    ),
    "not_scaled": Text(
        es="Solo restas la media: falta dividir entre la raíz de la varianza.",
        en="You only subtract the mean: it still has to be divided by the root of the variance.",
    ),
    "sample_root": Text(
        es="Normalizas con la varianza muestral, entre n − 1: se usa la poblacional, entre n.",
        en="You normalise with the sample variance, divided by n − 1: the population variance, divided by n, is used.",
    ),
    "normalised": Text(
        es="Con gamma 1 y beta 0, y no es (x − media) / raíz de la varianza.",
        en="With gamma 1 and beta 0, y is not (x − mean) / root of the variance.",
    ),
    # gamma, beta, epsilon
    "swapped": Text(
        es="gamma y beta están cambiadas: gamma multiplica y beta se suma.",
        en="gamma and beta are swapped: gamma multiplies and beta is added.",
    ),
    "ignored": Text(
        es="gamma y beta no hacen nada: y = gamma · normalizado + beta.",
        en="gamma and beta do nothing: y = gamma · normalised + beta.",
    ),
    "no_beta": Text(es="Falta sumar beta.", en="beta is not added."),
    "no_gamma": Text(es="Falta multiplicar por gamma.", en="The factor gamma is missing."),
    "shift_first": Text(
        es="Sumas beta antes de multiplicar: primero gamma, después beta.",
        en="You add beta before multiplying: first gamma, then beta.",
    ),
    "scale_shift": Text(
        es="gamma no estira o beta no desplaza cada columna como debe: y = gamma · normalizado + beta.",
        en="gamma does not stretch or beta does not shift each column as it should: y = gamma · normalised + beta.",
    ),
    "epsilon_outside": Text(
        es="epsilon está fuera de la raíz: se suma a la varianza antes de tomar la raíz.",
        en="epsilon is outside the root: it is added to the variance before the root is taken.",
    ),
    "epsilon_forgotten": Text(
        es="Falta epsilon: se suma a la varianza, dentro de la raíz.",
        en="epsilon is missing: it is added to the variance, inside the root.",
    ),
    "epsilon_fixed": Text(
        es="No haces caso del epsilon que recibe la función.",
        en="You ignore the epsilon that the function is given.",
    ),
    "epsilon_squared": Text(
        es="epsilon se suma tal cual, sin elevarlo al cuadrado.",
        en="epsilon is added as it is, not squared.",
    ),
    "epsilon": Text(
        es="epsilon no entra como debe: raíz de (varianza + epsilon), y 0,001 si no se indica otro.",
        en="epsilon does not enter as it should: root of (variance + epsilon), and 0.001 unless another is given.",
    ),
    "constant": Text(
        es="En una columna sin variación debe salir beta, sin nan ni infinitos.",
        en="A column without variation must give beta, with no nan and no infinities.",
    ),
    "kinds": Text(
        es="Con listas o con enteros debe salir lo mismo que con arrays de floats: convierte con np.asarray al empezar.",
        en="Lists and integers must give what arrays of floats give: convert with np.asarray first.",
    ),
    "changed": Text(
        es="La función cambia los arrays que recibe: x -= … modifica el array de quien llama; x = x - … crea otro.",
        en="The function changes the arrays it receives: x -= … alters the caller's array; x = x - … makes a new one.",
    ),
    # moving statistics
    "turned": Text(
        es="Los pesos están cambiados: momentum multiplica al valor móvil y 1 − momentum al del lote.",
        en="The weights are swapped: momentum multiplies the moving value and 1 − momentum that of the batch.",
    ),
    "away": Text(
        es="El signo está al revés: el valor móvil se aleja del valor del lote en lugar de acercarse.",
        en="The sign is turned: the moving value moves away from the batch's instead of towards it.",
    ),
    "whole_batch": Text(
        es="Al valor del lote le falta su factor, 1 − momentum.",
        en="The batch's value lacks its factor, 1 − momentum.",
    ),
    "half": Text(
        es="Eso es la media de los dos: momentum dice cuánto pesa cada uno.",
        en="That is the mean of both: momentum says how much each one weighs.",
    ),
    "momentum_fixed": Text(
        es="No haces caso del momentum que recibe la función.",
        en="You ignore the momentum that the function is given.",
    ),
    "moving": Text(
        es="No es momentum · móvil + (1 − momentum) · lote, columna a columna.",
        en="It is not momentum · moving + (1 − momentum) · batch, column by column.",
    ),
    "default_momentum": Text(
        es="Sin indicar momentum debe salir lo mismo que con 0,99, el de Keras.",
        en="Without a momentum the answer must be that for 0.99, Keras's own.",
    ),
    # predicting
    "batch_statistics": Text(
        es="Usas la media y la varianza del lote: al predecir solo cuentan las móviles.",
        en="You use the mean and variance of the batch: when predicting, only the moving ones count.",
    ),
    "half_batch": Text(
        es="Una de las dos estadísticas es la del lote: al predecir, media y varianza son las móviles.",
        en="One of the two statistics is that of the batch: when predicting, mean and variance are the moving ones.",
    ),
    "statistics_swapped": Text(
        es="La media y la varianza móviles están cambiadas: se resta la media y se divide entre la raíz de la varianza.",
        en="The moving mean and variance are swapped: subtract the mean, divide by the root of the variance.",
    ),
    "predicting": Text(
        es="Con gamma 1 y beta 0, y no es (x − media móvil) / raíz de la varianza móvil.",
        en="With gamma 1 and beta 0, y is not (x − moving mean) / root of the moving variance.",
    ),
    "updated": Text(
        es="Actualizas las estadísticas móviles con el lote antes de usarlas: eso solo se hace al entrenar.",
        en="You update the moving statistics with the batch before you use them: that is done in training only.",
    ),
    "company": Text(
        es="La respuesta para una muestra cambia con las demás del lote, o cuando va sola.",
        en="The answer for a sample changes with the others in the batch, or when it comes alone.",
    ),
    # networks
    "input": Text(
        es="La entrada de la red no es de n_features números por muestra.",
        en="The network's input is not n_features numbers per sample.",
    ),
    "not_a_chain": Text(
        es="La red tiene caminos que se separan o se unen; se pide una pila: cada capa lee la anterior.",
        en="The network has paths that part or join; a stack is asked for: each layer reads the one before.",
    ),
    "no_dense": Text(es="La red no tiene capas Dense.", en="The network has no Dense layers."),
    "number_of_layers": Text(
        es="El número de capas Dense ocultas no es hidden_layers: añádelas en un bucle, y la salida aparte.",
        en="The number of hidden Dense layers is not hidden_layers: add them in a loop, and the output apart.",
    ),
    "units": Text(
        es="Las capas ocultas no tienen `units` neuronas cada una.",
        en="The hidden layers do not have `units` units each.",
    ),
    "normalised_plain": Text(
        es="La red sin normalizar lleva capas de normalización.",
        en="The plain network has normalization layers.",
    ),
    "relu": Text(
        es="Las capas ocultas llevan ReLU; aquí se pide la sigmoide.",
        en="The hidden layers have a ReLU; here the sigmoid is asked for.",
    ),
    "no_activation": Text(
        es="Alguna capa oculta no lleva activación: falta la sigmoide.",
        en="Some hidden layer has no activation: the sigmoid is missing.",
    ),
    "two_activations": Text(
        es="Alguna capa oculta lleva dos activaciones: ponla en la Dense o como capa, no las dos veces.",
        en="Some hidden layer has two activations: put it in the Dense or as a layer, not both.",
    ),
    "not_sigmoid": Text(
        es="La activación de alguna capa oculta no es la sigmoide.",
        en="The activation of some hidden layer is not the sigmoid.",
    ),
    "classes": Text(
        es="La salida no tiene una neurona por clase: son n_classes.",
        en="The output does not have one unit per class: there are n_classes.",
    ),
    "no_softmax": Text(
        es="La salida no lleva softmax: así no da probabilidades que sumen 1.",
        en="The output has no softmax: then it gives no probabilities that add up to 1.",
    ),
    "sigmoid_output": Text(
        es="La salida lleva sigmoide: sus valores no suman 1. Con varias clases excluyentes es softmax.",
        en="The output has a sigmoid: its values do not add up to 1. Several classes that exclude each other take softmax.",
    ),
    "not_softmax": Text(
        es="La activación de la salida no es, sola, softmax.",
        en="The activation of the output is not softmax alone.",
    ),
    "not_compiled": Text(
        es="El modelo no está compilado: llama a compile antes de devolverlo.",
        en="The model is not compiled: call compile before you return it.",
    ),
    "one_hot_loss": Text(
        es="Esa pérdida espera la verdad en one-hot; las clases son números enteros: usa la dispersa (sparse).",
        en="That loss expects the truth in one-hot form; the classes are integers: use the sparse one.",
    ),
    "binary_loss": Text(
        es="La entropía cruzada binaria es para una sola salida de sí o no; con varias clases, la categórica dispersa.",
        en="Binary cross-entropy is for a single yes-or-no output; with several classes, the sparse categorical one.",
    ),
    "squared_loss": Text(
        es="La pérdida es un error de regresión: los números de las clases no son cantidades.",
        en="The loss is a regression error: the numbers of the classes are no quantities.",
    ),
    "logits": Text(
        es="from_logits=True hace que la pérdida aplique otro softmax; tu salida ya lo lleva.",
        en="from_logits=True makes the loss apply another softmax; your output already has one.",
    ),
    "other_loss": Text(
        es="La pérdida no es la entropía cruzada categórica dispersa.",
        en="The loss is not sparse categorical cross-entropy.",
    ),
    "no_metric": Text(
        es="La exactitud no está entre las métricas: pásala a compile con metrics.",
        en="Accuracy is not among the metrics: hand it to compile with metrics.",
    ),
    "no_normalization": Text(
        es="La red no tiene ninguna BatchNormalization.",
        en="The network has no BatchNormalization at all.",
    ),
    "some_without": Text(
        es="Hay capas ocultas sin BatchNormalization detrás: va una detrás de cada una, antes o después de su activación.",
        en="Some hidden layers have no BatchNormalization after them: each has its own, before or after its activation.",
    ),
    "layer_normalization": Text(
        es="LayerNormalization normaliza cada muestra a lo largo de sus columnas; se pide BatchNormalization.",
        en="LayerNormalization normalises every sample along its columns; BatchNormalization is asked for.",
    ),
    "after_output": Text(
        es="Hay una BatchNormalization detrás de la última Dense: la salida no se normaliza.",
        en="There is a BatchNormalization after the last Dense: the output is not normalised.",
    ),
    "frozen": Text(
        es="Al entrenar no se mueven las estadísticas de alguna BatchNormalization: no la congeles con trainable=False.",
        en="Training does not move the statistics of some BatchNormalization: do not freeze it with trainable=False.",
    ),
    # epochs
    "epoch_zero": Text(
        es="Cuentas las épocas desde 0: la primera es la 1.",
        en="You count epochs from 0: the first one is 1.",
    ),
    "last_epoch": Text(
        es="Esa es la última época que llega: se pide la primera, aunque luego baje.",
        en="That is the last epoch that gets there: the first is asked for, even if it falls again.",
    ),
    "best_epoch": Text(
        es="Esa es la época de la mejor exactitud: se pide la primera que llega a la pedida.",
        en="That is the epoch of the best accuracy: the first one to reach the given one is asked for.",
    ),
    "first_epoch": Text(
        es="No es la primera época, contando desde 1, cuya exactitud de validación llega a la pedida.",
        en="It is not the first epoch, counting from 1, whose validation accuracy reaches the one given.",
    ),
    "never_number": Text(
        es="Cuando no se alcanza nunca devuelves un número, que parece una época: se pide None.",
        en="When it is never reached you return a number, which looks like an epoch: None is asked for.",
    ),
    "never_raised": Text(
        es="Cuando no se alcanza nunca, la función falla: se pide None.",
        en="When it is never reached, the function fails: None is asked for.",
    ),
    "never": Text(
        es="Cuando no se alcanza nunca se pide None.",
        en="When it is never reached, None is asked for.",
    ),
    "training_curve": Text(
        es="Lees la exactitud de entrenamiento: se pide la de validación, la que empieza por val_.",
        en="You read the training accuracy: that of validation is asked for, the one that starts with val_.",
    ),
    "loss_curve": Text(
        es="Lees una pérdida: se pide la exactitud de validación.",
        en="You read a loss: the validation accuracy is asked for.",
    ),
    "strict": Text(
        es="Llegar justo a la exactitud pedida también es alcanzarla: >=, no >.",
        en="Getting exactly to the given accuracy is reaching it too: >=, not >.",
    ),
    "both_forms": Text(
        es="Debe dar lo mismo con el History de fit que con su diccionario, y como número entero.",
        en="It must give the same for fit's History and for its dictionary, as a whole number.",
    ),
    "metric_names": Text(
        es="Con otro nombre de la métrica (val_acc, val_sparse_categorical_accuracy) no da lo mismo: busca la clave.",
        en="With another name of the metric (val_acc, val_sparse_categorical_accuracy) it differs: look the key up.",
    ),
}


# ---------------------------------------------------------------- batch_norm_train: 2 points


def batch(rng, n, d, low=80.0, high=300.0):
    """A table (n, d) whose columns have deviations between about `low` and `high`: epsilon then changes nothing."""
    x = rng.uniform(-1, 1, (n, d))
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    return x * rng.uniform(low, high, d) + rng.choice([-1, 1], d) * rng.uniform(low, high, d)


def normalise(x, mean, var, epsilon=0.0):
    return (x - mean) / np.sqrt(var + epsilon)


def read_triple(got):
    expect(isinstance(got, tuple | list) and len(got) == 3, hint="triple")
    return got


def read_table(y, shape):
    return expect_array(y, shape, hint="table").astype(float)


def read_statistic(value, n, d):
    """One number per column as an array (d,); (1, d) will do."""
    value = expect_array(value, hint="triple").astype(float)
    expect(value.size != n, hint="per_sample")
    expect(value.size != 1, hint="whole_table")
    expect(value.shape in ((d,), (1, d)), hint="one_per_column")
    return value.ravel()


def train_table(student, x, gamma, beta, **options):
    """y alone, as floats of the shape of x."""
    got = read_triple(student.call("batch_norm_train", x, gamma, beta, **options))
    return read_table(got[0], np.shape(x))


def unscaled(ask, d):
    """What the student normalises, before gamma and beta: `ask(gamma, beta)` for gamma 1 and beta 0.

    With both mixed up that is the same number everywhere; then it is the other way round, since mixing them up is charged
    where they are judged.
    """
    ones, zeros = np.ones(d), np.zeros(d)
    got = ask(ones, zeros)
    return got if np.std(got) > 0 else ask(zeros, ones)


@check(points=0.25, task="batch_norm_train", es="La media devuelta es la de cada columna sobre el lote.")
def test_train_mean(student, rng):
    """The mean returned is that of each column over the batch."""
    for n, d in ((9, 4), (5, 7)):
        x = batch(rng, n, d)
        got = read_triple(student.call("batch_norm_train", x, np.ones(d), np.zeros(d)))
        expect_close(read_statistic(got[1], n, d), x.mean(axis=0), rtol=RTOL, atol=ATOL, hint="mean")


@check(points=0.5, task="batch_norm_train", es="La varianza devuelta es la poblacional de cada columna.")
def test_train_variance(student, rng):
    """The variance returned is the population variance of each column."""
    for n, d in ((6, 4), (5, 7)):
        # Deviations near 1, so that an epsilon added to the variance shows.
        x = batch(rng, n, d, 0.7, 1.8)
        got = read_triple(student.call("batch_norm_train", x, np.ones(d), np.zeros(d)))
        want = x.var(axis=0)
        mistaken = {
            "sample_variance": x.var(axis=0, ddof=1),
            "deviation": x.std(axis=0),
            "with_epsilon": want + EPSILON,
        }
        expect_close(read_statistic(got[2], n, d), want, rtol=RTOL, atol=ATOL, hint="variance", mistaken=mistaken)


@check(points=0.25, task="batch_norm_train", es="Con gamma 1 y beta 0, cada columna sale centrada y con desviación 1.")
def test_train_normalised(student, rng):
    """With gamma 1 and beta 0, every column comes out centred and with deviation 1."""
    for n, d in ((7, 4), (5, 8)):
        x = batch(rng, n, d)
        got = read_triple(student.call("batch_norm_train", x, np.ones(d), np.zeros(d)))
        y = unscaled(lambda gamma, beta, x=x: train_table(student, x, gamma, beta), d)
        mean, sample = x.mean(axis=0), x.var(axis=0, ddof=1)
        # The sample variance, used and returned, is charged where the variance is judged.
        if close(got[2], sample) and close(y, normalise(x, mean, sample)):
            continue
        wrong = {
            "sample_root": normalise(x, mean, sample),
            "along_rows": normalise(x, x.mean(axis=1, keepdims=True), x.var(axis=1, keepdims=True)),
            "all_together": normalise(x, x.mean(), x.var()),
            "by_variance": (x - mean) / x.var(axis=0),
            "not_centred": x / x.std(axis=0),
            "not_scaled": x - mean,
        }
        want = normalise(x, mean, x.var(axis=0))
        expect_close(y, want, rtol=RTOL, atol=1e-4, hint="normalised", mistaken=wrong)


def close(got, want, rtol=RTOL, atol=1e-4):
    try:
        expect_close(got, want, rtol=rtol, atol=atol)
    except CheckFailed:
        return False
    return True


def judge_scale_shift(rng, ask, d):
    """`ask(gamma, beta)` against the student's own answer for gamma 1 and beta 0, so that nothing else is judged."""
    plain = unscaled(ask, d)
    # A y that is all the same would hide what gamma does.
    expect(float(np.std(plain)) > 0, hint="scale_shift")
    gamma = rng.choice([-1, 1], d) * rng.uniform(1.5, 4, d)
    beta = rng.choice([-1, 1], d) * rng.uniform(5, 9, d)
    wrong = {
        "swapped": beta * plain + gamma,
        "ignored": plain,
        "no_beta": gamma * plain,
        "no_gamma": plain + beta,
        "shift_first": gamma * (plain + beta),
    }
    expect_close(ask(gamma, beta), gamma * plain + beta, rtol=1e-3, atol=1e-3, hint="scale_shift", mistaken=wrong)


@check(points=0.25, task="batch_norm_train", es="gamma estira y beta desplaza cada columna, después de normalizar.")
def test_train_scale_shift(student, rng):
    """gamma stretches and beta shifts every column, after normalising."""
    x = batch(rng, 8, 5)
    judge_scale_shift(rng, lambda gamma, beta: train_table(student, x, gamma, beta), 5)


def judge_epsilon(got, epsilon, cases):
    """y for gamma 1 and beta 0: `epsilon` enters as it should for one of `cases`, (x, mean, var), the right one first.

    The cases stand for whatever was normalised, which other checks judge.
    """
    for x, mean, var in cases:
        root = np.sqrt(var + epsilon)
        if any(close(got, value, atol=ATOL) for value in ((x - mean) / root, (x - mean) / root**2, x / root)):
            return
    for x, mean, var in cases:
        wrong = {
            "epsilon_outside": (x - mean) / (np.sqrt(var) + epsilon),
            "epsilon_forgotten": normalise(x, mean, var),
            "epsilon_squared": normalise(x, mean, var, epsilon**2),
        }
        if epsilon != EPSILON:
            wrong["epsilon_fixed"] = normalise(x, mean, var, EPSILON)
        for hint, value in wrong.items():
            expect(not close(got, value, atol=ATOL), hint=hint)
    raise CheckFailed("epsilon")


@check(
    points=0.25,
    task="batch_norm_train",
    es="epsilon se suma dentro de la raíz, vale 0,001 si no se indica, y una columna constante da beta.",
)
def test_train_epsilon(student, rng):
    """epsilon is added inside the root, is 0.001 unless given, and a constant column gives beta."""
    n, d = 7, 4
    for epsilon, x in (
        (float(rng.uniform(0.3, 0.6)), batch(rng, n, d, 0.8, 1.5)),
        (None, batch(rng, n, d, 0.02, 0.05)),
    ):
        options = {} if epsilon is None else {"epsilon": epsilon}
        got = unscaled(lambda gamma, beta, x=x, o=options: train_table(student, x, gamma, beta, **o), d)
        cases = [
            (x, x.mean(axis=axis, keepdims=True), x.var(axis=axis, ddof=ddof, keepdims=True))
            for axis in (0, 1, None)
            for ddof in (0, 1)
        ]
        judge_epsilon(got, EPSILON if epsilon is None else epsilon, cases)
    # Every entry the same, so that it is constant along rows too.
    same = np.full((n, d), float(rng.integers(2, 9)))
    beta = rng.uniform(1, 3, d)
    got = student.call("batch_norm_train", same, np.ones(d), beta)
    y = expect_array(read_triple(got)[0], (n, d), hint="constant").astype(float)
    # Whether beta is added has a check of its own.
    expect(close(y - y[:1], np.zeros((n, d))), hint="constant")


@check(points=0.25, task="batch_norm_train", es="Valen listas y enteros: sale lo mismo que con arrays de floats.")
def test_train_kinds(student, rng):
    """Lists and integers will do: they give what arrays of floats give."""
    n, d = 6, 3
    x = rng.integers(-20, 20, (n, d))
    x[0], x[1] = [25, 30, 35], [-25, -30, -35]
    gamma, beta = rng.integers(2, 5, d), rng.integers(1, 4, d)
    plain = read_triple(student.call("batch_norm_train", x.astype(float), gamma.astype(float), beta.astype(float)))
    plain = [expect_array(part, hint="triple") for part in plain]
    for table, scale, shift in (
        (x, gamma, beta),
        (x.tolist(), gamma.tolist(), beta.tolist()),
        (x.astype(float).tolist(), gamma.astype(float).tolist(), beta.astype(float).tolist()),
    ):
        got = read_triple(student.call("batch_norm_train", table, scale, shift))
        for part, want in zip(got, plain, strict=True):
            expect_close(part, want, rtol=1e-3, atol=1e-4, hint="kinds")


@check(points=0.25, task="batch_norm_train", es="Los arrays que recibe la función quedan como estaban.")
def test_train_untouched(student, rng):
    """The arrays that the function receives are left as they were."""
    x, gamma, beta = batch(rng, 6, 3), rng.uniform(1, 2, 3), rng.uniform(1, 2, 3)
    call = student.observe("batch_norm_train", x, gamma, beta)
    expect(not call.exceptions)
    read_triple(call.value)
    expect_unchanged(call, x, gamma, beta, hint="changed")


# ---------------------------------------------------------------- update_moving: 1 point


@check(points=0.5, task="update_moving", es="El valor nuevo es momentum · móvil + (1 − momentum) · lote.")
def test_moving_rule(student, rng):
    """The new value is momentum · moving + (1 − momentum) · batch."""
    for d in (4, 1):
        moving = rng.choice([-1, 1], d) * rng.uniform(2, 5, d)
        new = moving + rng.choice([-1, 1], d) * rng.uniform(6, 9, d)
        kept = float(rng.uniform(0.7, 0.85))
        got = np.ravel(expect_array(student.call("update_moving", moving, new, momentum=kept), hint="moving"))
        wrong = {
            "turned": (1 - kept) * moving + kept * new,
            "away": moving - (1 - kept) * (new - moving),
            "whole_batch": kept * moving + new,
            "half": (moving + new) / 2,
            "momentum_fixed": MOMENTUM * moving + (1 - MOMENTUM) * new,
        }
        expect(not close(got, kept * moving - (1 - kept) * new), hint="away")
        expect_close(got, kept * moving + (1 - kept) * new, rtol=RTOL, atol=ATOL, hint="moving", mistaken=wrong)


@check(points=0.25, task="update_moving", es="Si no se indica momentum, es 0,99.")
def test_moving_default(student, rng):
    """momentum is 0.99 unless given."""
    moving, new = rng.uniform(2, 5, 3), rng.uniform(40, 50, 3)
    # Against the student's own rule, which has its own check.
    want = expect_array(student.call("update_moving", moving, new, momentum=MOMENTUM), hint="moving")
    got = expect_array(student.call("update_moving", moving, new), hint="default_momentum")
    expect_close(got, want, rtol=1e-5, atol=ATOL, hint="default_momentum")


@check(points=0.25, task="update_moving", es="Valen listas y enteros: sale lo mismo que con arrays de floats.")
def test_moving_kinds(student, rng):
    """Lists and integers will do: they give what arrays of floats give."""
    moving, new = rng.integers(1, 9, 5), rng.integers(11, 30, 5)
    kept = 0.625
    plain = student.call("update_moving", moving.astype(float), new.astype(float), momentum=kept)
    plain = np.ravel(expect_array(plain, hint="moving"))
    expect(plain.size == moving.size, hint="moving")
    for old, batch_value in ((moving, new), (moving.tolist(), new.tolist())):
        got = expect_array(student.call("update_moving", old, batch_value, momentum=kept), hint="kinds")
        expect_close(np.ravel(got), plain, rtol=RTOL, atol=1e-4, hint="kinds")


# ---------------------------------------------------------------- batch_norm_inference: 2 points


def statistics(rng, d):
    """A moving mean and variance that are those of no batch drawn here."""
    return rng.uniform(400, 900, d), rng.uniform(80, 200, d) ** 2


def predict_table(student, x, gamma, beta, mean, var, **options):
    got = student.call("batch_norm_inference", x, gamma, beta, mean, var, **options)
    return read_table(got, np.shape(x))


@check(points=0.5, task="batch_norm_inference", es="Resta la media móvil y divide entre la raíz de la varianza móvil.")
def test_predict_moving(student, rng):
    """It subtracts the moving mean and divides by the root of the moving variance."""
    for n, d in ((7, 4), (3, 5)):
        x, (mean, var) = batch(rng, n, d), statistics(rng, d)
        got = unscaled(lambda gamma, beta, x=x, m=mean, v=var: predict_table(student, x, gamma, beta, m, v), d)
        own_mean, own_var = x.mean(axis=0), x.var(axis=0)
        wrong = {
            "batch_statistics": normalise(x, own_mean, own_var),
            "by_variance": (x - mean) / var,
            "not_centred": x / np.sqrt(var),
            "not_scaled": x - mean,
            "statistics_swapped": normalise(x, var, mean),
            "updated": normalise(x, 0.99 * mean + 0.01 * own_mean, 0.99 * var + 0.01 * own_var),
        }
        for hint, value in (
            ("batch_statistics", normalise(x, own_mean, x.var(axis=0, ddof=1))),
            ("half_batch", normalise(x, mean, own_var)),
            ("half_batch", normalise(x, own_mean, var)),
        ):
            expect(not close(got, value), hint=hint)
        expect_close(got, normalise(x, mean, var), rtol=RTOL, atol=1e-4, hint="predicting", mistaken=wrong)


@check(points=0.5, task="batch_norm_inference", es="La respuesta para una muestra es la misma sola que acompañada.")
def test_predict_alone(student, rng):
    """The answer for a sample is the same alone as in company."""
    n, d = 6, 3
    x, (mean, var) = batch(rng, n, d), statistics(rng, d)
    gamma, beta = rng.uniform(1, 3, d), rng.uniform(-2, 2, d)
    together = predict_table(student, x, gamma, beta, mean, var)
    for rows in (slice(0, 1), slice(4, 5), slice(1, 4)):
        got = expect_array(student.call("batch_norm_inference", x[rows], gamma, beta, mean, var), hint="company")
        # A lone row that comes back as (d,) is judged by its numbers here.
        expect(got.size == together[rows].size, hint="company")
        expect_close(got.reshape(-1, d), together[rows], rtol=1e-3, atol=1e-4, hint="company")


@check(points=0.25, task="batch_norm_inference", es="gamma estira y beta desplaza cada columna, después de normalizar.")
def test_predict_scale_shift(student, rng):
    """gamma stretches and beta shifts every column, after normalising."""
    x, (mean, var) = batch(rng, 6, 4), statistics(rng, 4)
    judge_scale_shift(rng, lambda gamma, beta: predict_table(student, x, gamma, beta, mean, var), 4)


@check(
    points=0.25,
    task="batch_norm_inference",
    es="epsilon se suma a la varianza móvil dentro de la raíz, y vale 0,001 si no se indica.",
)
def test_predict_epsilon(student, rng):
    """epsilon is added to the moving variance inside the root, and is 0.001 unless given."""
    n, d = 6, 4
    for epsilon, x in (
        (float(rng.uniform(0.3, 0.6)), batch(rng, n, d, 0.8, 1.5)),
        (None, batch(rng, n, d, 0.02, 0.05)),
    ):
        # The batch's own statistics are handed over as the moving ones, so that mixing them up is not charged here again.
        mean, var = x.mean(axis=0), x.var(axis=0)
        options = {} if epsilon is None else {"epsilon": epsilon}
        got = unscaled(
            lambda gamma, beta, x=x, m=mean, v=var, o=options: predict_table(student, x, gamma, beta, m, v, **o), d
        )
        cases = [(x, mean, var), (x, mean, x.var(axis=0, ddof=1)), (x, var, np.abs(mean))]
        judge_epsilon(got, EPSILON if epsilon is None else epsilon, cases)


@check(points=0.25, task="batch_norm_inference", es="Valen listas y enteros: sale lo mismo que con arrays de floats.")
def test_predict_kinds(student, rng):
    """Lists and integers will do: they give what arrays of floats give."""
    n, d = 5, 3
    arguments = [rng.integers(-20, 20, (n, d)), *(rng.integers(2, 9, (4, d)))]
    arguments[0][0] = [31, -33, 37]
    plain = predict_table(student, *(part.astype(float) for part in arguments))
    for kind in (
        arguments,
        [part.tolist() for part in arguments],
        [part.astype(float).tolist() for part in arguments],
    ):
        got = student.call("batch_norm_inference", *kind)
        expect_close(got, plain, rtol=1e-3, atol=1e-4, hint="kinds")


@check(points=0.25, task="batch_norm_inference", es="Todo lo que recibe la función queda como estaba.")
def test_predict_untouched(student, rng):
    """Everything that the function receives is left as it was."""
    x, (mean, var) = batch(rng, 6, 3), statistics(rng, 3)
    arguments = (x, rng.uniform(1, 2, 3), rng.uniform(1, 2, 3), mean, var)
    call = student.observe("batch_norm_inference", *arguments)
    expect(not call.exceptions)
    expect_array(call.value, hint="table")
    expect_unchanged(call, *arguments, hint="changed")


# ---------------------------------------------------------------- the networks: 1 + 3 points


@dataclass(frozen=True)
class Block:
    """A Dense layer and everything up to the next one."""

    units: int
    activations: tuple[str, ...]
    """The non-linear ones, in order."""
    kinds: tuple[str, ...]
    """The layers that follow."""


def read_blocks(model):
    """The network as hidden blocks and output block; fails when it is no stack of Dense layers."""
    nodes = model.network
    for place, node in enumerate(nodes):
        expect(node.inputs == (place - 1,), "not_a_chain")
    starts = [place for place, node in enumerate(nodes) if node.kind == "Dense"]
    expect(starts, "no_dense")
    blocks = []
    for start, end in zip(starts, [*starts[1:], len(nodes)], strict=True):
        part = nodes[start:end]
        activations = tuple(node.activation for node in part if node.activation != "linear")
        blocks.append(Block(part[0].units, activations, tuple(node.kind for node in part[1:])))
    return tuple(blocks[:-1]), blocks[-1]


SIZES = (
    # features, classes, options, hidden layers, units
    (7, 4, {"hidden_layers": 3, "units": 5}, 3, 5),
    (6, 3, {"hidden_layers": 1, "units": 9}, 1, 9),
    (8, 5, {}, 6, 32),
)
SMALL = (5, 3, {"hidden_layers": 2, "units": 6})


def small(student, name):
    features, classes, options = SMALL
    return student.model(name, features, classes, **options)


def judge_layers(student, name):
    for features, classes, options, layers, units in SIZES:
        model = student.model(name, features, classes, **options)
        expect(model.input_shape == (features,), "input")
        hidden, _ = read_blocks(model)
        expect(len(hidden) == layers, "number_of_layers")
        expect(all(block.units == units for block in hidden), "units")
        yield model


def judge_sigmoids(model):
    hidden, _ = read_blocks(model)
    expect(hidden, "number_of_layers")
    for block in hidden:
        expect(block.activations, "no_activation")
        expect("relu" not in block.activations, "relu")
        expect(set(block.activations) == {"sigmoid"}, "not_sigmoid")
        expect(len(block.activations) == 1, "two_activations")


def judge_softmax(model, classes):
    _, output = read_blocks(model)
    expect(model.output_shape == (classes,), "classes")
    expect(output.activations, "no_softmax")
    expect(output.activations != ("sigmoid",), "sigmoid_output")
    expect(output.activations == ("softmax",), "not_softmax")


def judge_compiled(model):
    compiled = model.compiled
    expect(compiled is not None, "not_compiled")
    if compiled.loss != "sparse_categorical_crossentropy":
        expect("categorical" not in compiled.loss, "one_hot_loss")
        expect("binary" not in compiled.loss, "binary_loss")
        expect("squared" not in compiled.loss and "absolute" not in compiled.loss, "squared_loss")
        raise CheckFailed("other_loss")
    if compiled.loss_options.get("from_logits"):
        # Raw scores and this option belong together; that softmax was asked for is judged elsewhere.
        expect(not read_blocks(model)[1].activations, "logits")
    expect("accuracy" in compiled.metrics, "no_metric")


def has_normalization(model):
    return any("Norm" in node.kind for node in model.network)


@check(
    points=0.25,
    task="build_plain_model",
    es="Hay tantas capas Dense ocultas, de tantas neuronas, como piden los argumentos, y ninguna normalización.",
)
def test_plain_layers(student):
    """There are as many hidden Dense layers, of as many units, as the arguments ask for, and no normalization."""
    for model in judge_layers(student, "build_plain_model"):
        expect(not has_normalization(model), "normalised_plain")


@check(points=0.25, task="build_plain_model", es="Cada capa oculta lleva la activación sigmoide.")
def test_plain_sigmoids(student):
    """Every hidden layer has a sigmoid activation."""
    judge_sigmoids(small(student, "build_plain_model"))


@check(points=0.25, task="build_plain_model", es="La salida tiene una neurona por clase y softmax.")
def test_plain_softmax(student):
    """The output has one unit per class and softmax."""
    judge_softmax(small(student, "build_plain_model"), SMALL[1])


@check(
    points=0.25, task="build_plain_model", es="Compilada con la entropía cruzada categórica dispersa y la exactitud."
)
def test_plain_compiled(student):
    """Compiled with sparse categorical cross-entropy and accuracy."""
    judge_compiled(small(student, "build_plain_model"))


@check(
    points=0.25,
    task="build_bn_model",
    es="En la red normalizada hay tantas capas Dense ocultas, de tantas neuronas, como piden los argumentos.",
)
def test_bn_layers(student):
    """The normalised network has as many hidden Dense layers, of as many units, as the arguments ask for."""
    for _ in judge_layers(student, "build_bn_model"):
        pass


@check(points=1.5, task="build_bn_model", es="Detrás de cada capa Dense oculta hay una BatchNormalization.")
def test_bn_after_each(student):
    """There is a BatchNormalization after every hidden Dense layer."""
    for features, classes, options, *_ in SIZES[:1]:
        model = student.model("build_bn_model", features, classes, **options)
        hidden, _ = read_blocks(model)
        expect(hidden, "number_of_layers")
        kinds = {node.kind for node in model.network}
        expect("LayerNormalization" not in kinds, "layer_normalization")
        expect("BatchNormalization" in kinds, "no_normalization")
        expect(all("BatchNormalization" in block.kinds for block in hidden), "some_without")


def require_normalization(model):
    expect(any(node.kind == "BatchNormalization" for node in model.network), "no_normalization")


@check(points=0.25, task="build_bn_model", es="La salida no se normaliza.")
def test_bn_output_free(student):
    """The output is not normalised."""
    model = small(student, "build_bn_model")
    require_normalization(model)
    expect("BatchNormalization" not in read_blocks(model)[1].kinds, "after_output")


@check(points=0.25, task="build_bn_model", es="En la red normalizada cada capa oculta lleva una sigmoide.")
def test_bn_sigmoids(student):
    """In the normalised network every hidden layer has a sigmoid."""
    judge_sigmoids(small(student, "build_bn_model"))


@check(points=0.25, task="build_bn_model", es="La salida de la red normalizada tiene una neurona por clase y softmax.")
def test_bn_softmax(student):
    """The output of the normalised network has one unit per class and softmax."""
    judge_softmax(small(student, "build_bn_model"), SMALL[1])


@check(
    points=0.25,
    task="build_bn_model",
    es="La red normalizada está compilada con la entropía cruzada categórica dispersa y la exactitud.",
)
def test_bn_compiled(student):
    """The normalised network is compiled with sparse categorical cross-entropy and accuracy."""
    judge_compiled(small(student, "build_bn_model"))


FORWARD = """
def forward(model, x):
    model(x, training=True)
"""


def passed(student, model, x):
    """The weights after one pass over `x` in the student's process."""
    student.apply(student.helper(FORWARD, "forward"), model, x)
    model.refresh()
    return model.weights


@check(points=0.25, task="build_bn_model", es="Al entrenar se mueven las estadísticas de cada BatchNormalization.")
def test_bn_moves(student, rng):
    """Training moves the statistics of every BatchNormalization."""
    model = small(student, "build_bn_model")
    require_normalization(model)
    before = model.weights
    x = rng.normal(3, 2, (16, SMALL[0])).astype("float32")
    layers = sum(node.kind == "BatchNormalization" for node in model.network)
    # One pass in training mode, without a step: nothing else than moving means and variances can change. First where no
    # student code has been, then in the student's process, which might only say so.
    rebuilt, own = model.after_pass(x), passed(student, model, x)
    for after in (rebuilt, own):
        moved = sum(not np.array_equal(old, new) for old, new in zip(before, after, strict=True))
        expect(moved >= 2 * layers, "frozen")
    # Both to the same place, unless there is chance in the network.
    if not any("Dropout" in node.kind or "Noise" in node.kind for node in model.network):
        expect(all(close(got, want, atol=1e-3) for got, want in zip(own, rebuilt, strict=True)), "frozen")


# ---------------------------------------------------------------- epochs_to_reach: 1 point


def curves(validation, training=None, name="accuracy"):
    """The dict of a history with losses that look like ones."""
    training = validation if training is None else training
    losses = [3.0 - 0.125 * place for place in range(len(validation))]
    return {
        name: list(training),
        "loss": losses,
        "val_" + name: list(validation),
        "val_loss": [loss + 0.0625 for loss in losses],
    }


def reach(student, table, accuracy):
    """The answer for a History or, should that fail, for the dict: that both will do has its own check."""
    try:
        return student.call("epochs_to_reach", student.history(table), accuracy)
    except StudentError:
        return student.call("epochs_to_reach", table, accuracy)


def first_number(student):
    """What the student calls the first epoch: 0 for those who count from 0, which is charged once."""
    got = as_epoch(reach(student, curves([0.75]), 0.5))
    return 0 if got == 0 else 1


def as_epoch(got):
    """The answer as a float, whole or not; None stays."""
    if got is None:
        return None
    return float(expect_array(got, (), hint="first_epoch"))


def rising(rng, epochs):
    """A curve that only rises, in steps of several hundredths, ending below 0.95."""
    return np.round(0.1 + np.cumsum(rng.uniform(0.03, 0.8 / epochs, epochs)), 4)


@check(points=0.25, task="epochs_to_reach", es="Da la primera época, contada desde 1, que llega a la exactitud pedida.")
def test_first_time_counted_from_one(student, rng):
    """It gives the first epoch, counted from 1, that reaches the given accuracy."""
    for _ in range(2):
        start = int(rng.integers(2, 5))
        low, goal = rng.uniform(0.1, 0.4, start), 0.5
        # Reaches it, falls back, is at its best, falls back, reaches it once more.
        values = [*low, 0.625, 0.375, 0.875, 0.4375, 0.6875, 0.25]
        want = start + 1
        got = as_epoch(reach(student, curves(values), goal))
        expect(got is not None, "first_epoch")
        for hint, value in (("epoch_zero", want - 1), ("last_epoch", start + 5), ("best_epoch", start + 3)):
            expect(got not in (value, value - (hint != "epoch_zero")), hint)
        expect(got == want, "first_epoch")


@check(points=0.25, task="epochs_to_reach", es="Da None cuando no se alcanza nunca.")
def test_none_if_not_reached(student, rng):
    """It gives None when it is never reached."""
    values = rising(rng, 6)
    table = curves(values, training=values)
    try:
        got = reach(student, table, 0.99)
    except StudentError:
        # Only what fails for this very question: a function that always fails has failed everywhere.
        reach(student, table, 0.05)
        raise CheckFailed("never_raised") from None
    expect(not isinstance(got, int | float | np.number), "never_number")
    expect(got is None, "never")
    # A function that always gives None has not looked.
    expect(reach(student, table, 0.05) is not None, "never")


@check(points=0.125, task="epochs_to_reach", es="Lee la exactitud de validación, no la de entrenamiento ni la pérdida.")
def test_reads_validation(student, rng):
    """It reads the accuracy of validation, not that of training and no loss."""
    # Only the last epoch reaches it, so first, last and best are the same.
    validation, training = [0.1, 0.2, 0.3, 0.4, 0.75], [0.1, 0.75, 0.8, 0.85, 0.9]
    if rng.integers(2):
        validation, training = [0.1, 0.15, *validation[1:]], [0.1, *training]
    got = as_epoch(reach(student, curves(validation, training), 0.5))
    base = first_number(student)
    expect(got is not None, "first_epoch")
    place = got - base
    expect(place != next(i for i, value in enumerate(training) if value >= 0.5), "training_curve")
    expect(place != 0, "loss_curve")
    # The last or best of the training curve ends on the same epoch as validation's, so it has been told apart above.
    expect(place == len(validation) - 1, "first_epoch")


@check(points=0.125, task="epochs_to_reach", es="Llegar justo a la exactitud pedida cuenta como alcanzarla.")
def test_equal_is_reached(student, rng):
    """Getting exactly to the given accuracy counts as reaching it."""
    # Sixteenths are exact in binary, in float32 too.
    values = [0.125, 0.25, 0.5, 0.6875]
    got = as_epoch(reach(student, curves(values), values[-1]))
    expect(got is not None, "strict")
    expect(got - first_number(student) == len(values) - 1, "strict")


@check(points=0.125, task="epochs_to_reach", es="Vale el History o su diccionario, y la época es un número entero.")
def test_history_or_its_dict(student, rng):
    """The History or its dictionary will do, and the epoch is an integer."""
    values = rising(rng, 5)
    table = curves(values, training=values)
    # Only the last epoch reaches it.
    goal = float((values[-1] + values[-2]) / 2)
    given = [student.call("epochs_to_reach", form, goal) for form in (student.history(table), table)]
    numbers = [expect_integer(got, hint="both_forms") for got in given]
    expect(numbers[0] == numbers[1] == len(values) - 1 + first_number(student), "both_forms")


@check(points=0.125, task="epochs_to_reach", es="Vale cualquiera de los nombres que Keras da a la exactitud.")
def test_any_metric_name(student, rng):
    """Any of the names that Keras gives to accuracy will do."""
    values = rising(rng, 5)
    goal = float((values[-1] + values[-2]) / 2)
    want = len(values) - 1 + first_number(student)
    for name in ("acc", "sparse_" + "categorical_" + "accuracy"):
        table = curves(values, training=values, name=name)
        try:
            got = as_epoch(reach(student, table, goal))
        except StudentError:
            # Told as a question of names only when the usual name works.
            reach(student, curves(values, training=values), goal)
            raise CheckFailed("metric_names") from None
        expect(got == want, "metric_names")
