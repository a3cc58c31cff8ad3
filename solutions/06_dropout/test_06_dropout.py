"""Hidden grader of 06_dropout.

`dropout` is judged by laws of large numbers on arrays without zeros, so that a 0 in the answer is an element switched off. The
tolerances lie at least four standard errors out, and nearly always far more.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np

from autograder.checks import (
    CheckFailed,
    Text,
    check,
    expect,
    expect_array,
    expect_close,
    expect_number,
    expect_raises,
    expect_unchanged,
)

HINTS = {
    # dropout
    "shape": Text(
        es="El resultado no es un array de números de la forma de x.",
        en="The result is not an array of numbers of the shape of x.",
    ),
    "nothing": Text(es="La función no devuelve nada: falta un return.", en="Nothing is returned: a return is missing."),
    "none_dropped": Text(
        es="Con training=True no se apaga ningún elemento.", en="With training=True no element is switched off."
    ),
    "keep_probability": Text(
        es="rate es la probabilidad de apagar; la tratas como la de sobrevivir.",
        en="rate is the probability of switching off; you treat it as that of surviving.",
    ),
    "share": Text(es="La parte apagada no se parece a rate.", en="The share that is switched off is not near rate."),
    "not_rescaled": Text(
        es="Los elementos que sobreviven salen sin reescalar: la capa siguiente recibe de media menos que sin dropout.",
        en="The survivors are not rescaled: on average the next layer receives less than without dropout.",
    ),
    "inverse_rate": Text(
        es="Divides entre rate. Sobrevive una parte 1 − rate, así que hay que dividir entre 1 − rate.",
        en="You divide by rate. A share 1 − rate survives, so divide by 1 − rate.",
    ),
    "shrunk": Text(
        es="Multiplicas por 1 − rate al entrenar; en el dropout invertido se divide.",
        en="You multiply by 1 − rate in training; inverted dropout divides by it.",
    ),
    "scale": Text(
        es="Los que sobreviven no son x multiplicado por un factor que conserve la media.",
        en="The survivors are not x times a factor that keeps the mean.",
    ),
    "whole_rows": Text(
        es="Se apagan filas enteras: hace falta una moneda por elemento, no por muestra.",
        en="Whole rows are switched off: it takes one coin per element, not per sample.",
    ),
    "same_mask": Text(
        es="Todas las filas llevan la misma máscara (se apagan columnas enteras): cada muestra necesita la suya.",
        en="All rows have the same mask (whole columns are off): each sample needs its own.",
    ),
    "fixed_count": Text(
        es="Se apaga siempre el mismo número de elementos: cada uno se decide por su cuenta, sin contar los demás.",
        en="The same number of elements is always switched off: each is decided on its own, whatever the others do.",
    ),
    "dependent": Text(
        es="Unos elementos dicen cuáles otros se apagan: cada uno se decide por su cuenta.",
        en="Some elements tell which others are off: each is decided on its own.",
    ),
    "other_chance": Text(
        es="Con un generador en el mismo estado sale otra máscara: el azar viene de otro sitio que rng.",
        en="A generator in the same state gives another mask: chance comes from elsewhere than rng.",
    ),
    "fixed_chance": Text(
        es="La máscara no depende de rng: con otra semilla, o en la llamada siguiente, sale la misma.",
        en="The mask does not depend on rng: another seed, or the next call, gives the same one.",
    ),
    "on_at_inference": Text(
        es="Con training=False también se apagan elementos: al predecir, x sale como entró.",
        en="With training=False elements are switched off too: in prediction x comes out as it went in.",
    ),
    "rescaled_at_inference": Text(
        es="Con training=False cambias la escala: en el dropout invertido la cuenta se ajusta al entrenar.",
        en="With training=False you change the scale: inverted dropout settles the account in training.",
    ),
    "refuses_zero": Text(
        es="rate=0 es una tasa válida (no apaga nada) y la rechazas.",
        en="rate=0 is a valid rate (nothing is switched off) and you refuse it.",
    ),
    "accepts_one": Text(
        es="rate=1 tiene que dar ValueError: apagaría todo y el factor sería 1/0.",
        en="rate=1 has to raise ValueError: everything would be off and the factor would be 1/0.",
    ),
    "accepts_outside": Text(
        es="Una tasa negativa o mayor que 1 tiene que dar ValueError.",
        en="A rate below 0 or above 1 has to raise ValueError.",
    ),
    "modified": Text(
        es="El array recibido sale cambiado: escribe el resultado en uno nuevo.",
        en="The array you were given comes out changed: write the result into a new one.",
    ),
    "form": Text(
        es="Una fila sola (n,) y una tabla (n, d), también de una columna, dan un array de su misma forma.",
        en="A single row (n,) and a table (n, d), of one column too, give an array of their own shape.",
    ),
    # The network
    "input": Text(
        es="La entrada de la red no tiene `dimension` números por muestra.",
        en="The network's input does not have `dimension` numbers per sample.",
    ),
    "no_hidden": Text(
        es="No hay capas ocultas: la red del cuaderno 05 tiene dos.",
        en="There are no hidden layers: the network of notebook 05 has two.",
    ),
    "depth": Text(
        es="La red no tiene dos capas ocultas Dense y una de salida.",
        en="The network does not have two hidden Dense layers and one output layer.",
    ),
    "units": Text(
        es="Las capas Dense no tienen 16, 16 y 1 neuronas.", en="The Dense layers do not have 16, 16 and 1 units."
    ),
    "not_relu": Text(
        es="Las dos capas ocultas llevan activación ReLU.", en="Both hidden layers have a ReLU activation."
    ),
    "not_sigmoid": Text(
        es="La salida tiene que ser una sigmoide: la probabilidad de que la reseña sea positiva.",
        en="The output has to be a sigmoid: the probability that the review is positive.",
    ),
    "extra_layers": Text(
        es="La red tiene capas que la original no tiene, aparte de las de Dropout.",
        en="Apart from Dropout, the network has layers that the original does not have.",
    ),
    "no_dropout": Text(es="La red no tiene ninguna capa Dropout.", en="The network has no Dropout layer."),
    "after_output": Text(
        es="Hay un Dropout detrás de la salida: la probabilidad se anularía o se doblaría al azar.",
        en="There is a Dropout behind the output: the probability would vanish or double at random.",
    ),
    "input_only": Text(
        es="El Dropout está solo delante de la primera capa: borra palabras; las ocultas se quedan sin él.",
        en="Dropout is only in front of the first layer: it deletes words; the hidden layers have none.",
    ),
    "input_too": Text(
        es="Hay un Dropout de más, delante de la primera capa.",
        en="There is one Dropout too many, in front of the first layer.",
    ),
    "one_only": Text(
        es="Solo una de las dos capas ocultas lleva Dropout detrás.",
        en="Only one of the two hidden layers has Dropout behind it.",
    ),
    "twice": Text(
        es="Hay más de un Dropout seguido: uno por capa oculta.",
        en="There is more than one Dropout in a row: one per hidden layer.",
    ),
    "row_noise": Text(
        es="noise_shape hace que las neuronas se apaguen juntas: déjalo sin poner.",
        en="noise_shape makes the units switch off together: leave it out.",
    ),
    "fixed_rate": Text(
        es="Las capas Dropout no llevan la tasa que recibe la función en rate.",
        en="The Dropout layers do not have the rate that the function receives as rate.",
    ),
    "kept_rate": Text(
        es="Las capas Dropout llevan 1 − rate: el argumento de Dropout es la parte que se apaga.",
        en="The Dropout layers have 1 − rate: the argument of Dropout is the share that is switched off.",
    ),
    "default_rate": Text(
        es="Sin argumentos, la tasa es 0,5 y la entrada, 10 000 palabras.",
        en="Without arguments the rate is 0.5 and the input 10,000 words.",
    ),
    "not_compiled": Text(
        es="El modelo no está compilado: llama a compile antes de devolverlo.",
        en="The model is not compiled: call compile before you return it.",
    ),
    "loss": Text(es="La pérdida no es la entropía cruzada binaria.", en="The loss is not binary cross-entropy."),
    "logits": Text(
        es="from_logits=True hace que la pérdida aplique otra sigmoide; tu salida ya la lleva.",
        en="from_logits=True makes the loss apply another sigmoid; your output already has one.",
    ),
    "optimizer": Text(
        es="El optimizador no es RMSprop, el de la red sin dropout: la comparación no sería justa.",
        en="The optimizer is not RMSprop, that of the network without dropout: the comparison would not be fair.",
    ),
    "no_metric": Text(
        es="La exactitud no está entre las métricas: pásala a compile con metrics.",
        en="Accuracy is not among the metrics: hand it to compile with metrics.",
    ),
    "always_on": Text(
        es="El dropout sigue encendido al predecir: no fijes training=True al construir la red.",
        en="Dropout stays on in prediction: do not set training=True while building the network.",
    ),
    "never_on": Text(
        es="Al entrenar no se apaga nada: la red responde siempre lo mismo.",
        en="Nothing is switched off in training: the network always gives the same answer.",
    ),
    # The comparison
    "not_dict": Text(
        es="Se pide un diccionario con las claves baseline, dropout e improved.",
        en="A dictionary with the keys baseline, dropout and improved is asked for.",
    ),
    "not_numbers": Text(
        es="baseline y dropout son un número cada uno.", en="baseline and dropout are one number each."
    ),
    "not_bool": Text(es="improved tiene que ser True o False.", en="improved has to be True or False."),
    "best": Text(
        es="Devuelves la pérdida de la mejor época; se pide la de la última.",
        en="You return the loss of the best epoch; that of the last is asked for.",
    ),
    "first": Text(
        es="Devuelves la pérdida de la primera época; se pide la de la última.",
        en="You return the loss of the first epoch; that of the last is asked for.",
    ),
    "training_loss": Text(
        es="Devuelves la pérdida de entrenamiento; se pide la de validación.",
        en="You return the training loss; the validation loss is asked for.",
    ),
    "accuracy": Text(
        es="Devuelves la exactitud de validación; se pide la pérdida.",
        en="You return the validation accuracy; the loss is asked for.",
    ),
    "swapped": Text(
        es="Las dos pérdidas están cambiadas: baseline es la red sin dropout.",
        en="The two losses are swapped: baseline is the network without dropout.",
    ),
    "not_last": Text(
        es="baseline y dropout no son la última pérdida de validación de cada entrenamiento.",
        en="baseline and dropout are not the last validation loss of each training.",
    ),
    "turned_round": Text(
        es="improved está al revés: una pérdida menor es mejor.",
        en="improved is the wrong way round: a lower loss is better.",
    ),
    "other_basis": Text(
        es="improved no dice lo mismo que las dos pérdidas que devuelves.",
        en="improved does not say the same as the two losses you return.",
    ),
    "tie": Text(es="Un empate no es una mejora.", en="A tie is no improvement."),
    "one_kind": Text(
        es="Cada argumento puede ser un History o su diccionario; uno de los dos no te sirve.",
        en="Each argument may be a History or its dictionary; one of the two does not work with yours.",
    ),
    # Monte Carlo
    "pair": Text(es="Se piden dos arrays: (mean, std).", en="Two arrays are asked for: (mean, std)."),
    "column": Text(
        es="Devuelves columnas (n, 1), como el modelo; se piden vectores (n,).",
        en="You return columns (n, 1), as the model does; vectors (n,) are asked for.",
    ),
    "lost_axis": Text(
        es="Con una sola muestra desaparece el eje: squeeze quita todos los de tamaño 1; quita solo el último.",
        en="With a single sample the axis vanishes: squeeze drops every one of size 1; drop only the last.",
    ),
    "wrong_axis": Text(
        es="Sale un valor por pasada: la media y la desviación se calculan a lo largo de las pasadas, una por muestra.",
        en="There is one value per pass: mean and deviation are taken over the passes, one per sample.",
    ),
    "size": Text(es="No sale un valor por muestra.", en="There is not one value per sample."),
    "from_predict": Text(
        es="La media es la predicción normal, con el dropout apagado; se pide la de las pasadas.",
        en="The mean is the usual prediction, with dropout off; that of the passes is asked for.",
    ),
    "mean": Text(
        es="La media no es la de las predicciones con el dropout encendido.",
        en="The mean is not that of the predictions with dropout on.",
    ),
    "zero_spread": Text(
        es="La dispersión es 0: todas las pasadas salen iguales, porque el dropout está apagado o siempre hay la misma máscara.",
        en="The spread is 0: all passes are equal, since dropout is off or the mask is always the same.",
    ),
    "variance": Text(
        es="Devuelves la varianza; se pide su raíz, la desviación típica.",
        en="You return the variance; its root is asked for, the standard deviation.",
    ),
    "standard_error": Text(
        es="Divides la desviación entre la raíz del número de pasadas: se pide la dispersión de las pasadas, no el error de su "
        "media.",
        en="You divide the deviation by the root of the number of passes: the spread of the passes is asked for, not the error "
        "of their mean.",
    ),
    "spread": Text(
        es="La dispersión no es la desviación típica de las pasadas en cada muestra.",
        en="The spread is not the standard deviation of the passes for each sample.",
    ),
    "samples": Text(
        es="El número de pasadas no es el que se pide en samples.",
        en="The number of passes is not the one asked for as samples.",
    ),
    "own_noise": Text(
        es="Un modelo sin dropout responde siempre lo mismo: dispersión 0 y, como media, su predicción.",
        en="A model without dropout always gives the same answer: spread 0 and, as mean, its prediction.",
    ),
}


# --- dropout ---------------------------------------------------------------------------------------------------------

GENERATOR = """
import numpy as np

def generator(seed):
    return np.random.default_rng(seed)
"""


def new_generator(student, rng, seed=None):
    """A handle on a fresh `numpy.random.Generator` in the student's process."""
    seed = int(rng.integers(1, 1_000_000)) if seed is None else seed
    return student.apply(student.helper(GENERATOR, "generator"), seed)


def full_table(rng, shape):
    """Numbers of both signs, none near 0, so that a 0 in the answer has been switched off."""
    return rng.uniform(0.5, 2, shape) * rng.choice([-1.0, 1.0], shape)


def same_shape(got, x):
    expect(got is not None, "nothing")
    return expect_array(got, x.shape, "shape").astype(float)


def dropped(student, rng, rate, shape, seed=None):
    """Input and output of one call while training."""
    x = full_table(rng, shape)
    return x, same_shape(student.call("dropout", x, rate, True, new_generator(student, rng, seed)), x)


@check(points=0.5, task="dropout", es="Al entrenar, la parte de elementos que se apaga es más o menos rate.")
def test_share_switched_off(student, rng):
    """In training, the share of elements that is switched off is about rate."""
    for rate in (0.2, 0.7, 0.0):
        # Rows or columns that go off together, which have their own check, still show the rate along the long side.
        shares = []
        for shape in ((2000, 4), (4, 2000)):
            x = full_table(rng, shape)
            call = student.observe("dropout", x, rate, True, new_generator(student, rng))
            if rate == 0 and call.exceptions:
                return  # Whether 0 is accepted has its own check.
            expect(not call.exceptions)
            got = call.value
            expect(got is not None, "nothing")
            # A factor of 1/0 makes infinities, which cost their own check.
            got = got if isinstance(got, np.ndarray) else expect_array(got, hint="shape")
            expect(got.shape == shape, "shape")
            shares.append(float(np.mean(got == 0)))
        if min(abs(share - rate) for share in shares) < 0.045:
            continue
        expect(max(shares) > 0, "none_dropped")
        expect(min(abs(share - (1 - rate)) for share in shares) > 0.045, "keep_probability")
        raise CheckFailed("share")


@check(points=0.5, task="dropout", es="Los que sobreviven se reescalan para que la media se conserve.")
def test_survivors_keep_the_mean(student, rng):
    """The survivors are rescaled so that the mean is kept."""
    for rate in (0.2, 0.5, 0.8):
        x, got = dropped(student, rng, rate, (60, 50))
        alive = got != 0
        expect(alive.any(), "scale")
        factors = got[alive] / x[alive]
        if np.allclose(factors, 1 / (1 - rate), rtol=1e-5, atol=0):
            continue
        share = float(np.mean(alive))
        # A mistaken share costs its own check: what counts here is that the mean is kept.
        if abs(share - (1 - rate)) > 0.15 and np.allclose(factors, 1 / share, rtol=0.1, atol=0):
            continue
        expect(not np.allclose(factors, 1, rtol=1e-5), "not_rescaled")
        expect(not np.allclose(factors, 1 / rate, rtol=1e-5), "inverse_rate")
        expect(not np.allclose(factors, 1 - rate, rtol=1e-5), "shrunk")
        raise CheckFailed("scale")


@check(points=0.5, task="dropout", es="Cada elemento se apaga por su cuenta, en las filas y en las columnas.")
def test_each_element_alone(student, rng):
    """Each element is switched off on its own, along rows and columns."""
    _, got = dropped(student, rng, 0.5, (90, 100))
    off = (got == 0).astype(float)
    share = off.mean()
    expect(0.05 < share < 0.95, "dependent")
    chance = np.sqrt(share * (1 - share))
    expect(off.mean(axis=1).std() < 4 * chance / np.sqrt(100), "whole_rows")
    expect(off.mean(axis=0).std() < 4 * chance / np.sqrt(90), "same_mask")
    # Correlations of any two rows and of neighbouring elements.
    centred = (off - share) / chance
    rows = centred @ centred.T / off.shape[1]
    expect(np.abs(rows[np.triu_indices(90, 1)]).max() < 0.7, "dependent")
    columns = centred.T @ centred / off.shape[0]
    expect(np.abs(columns[np.triu_indices(100, 1)]).max() < 0.7, "dependent")
    # Twelve numbers of heads, all within one of the half: one time in ten million.
    handle = new_generator(student, rng)
    surplus = []
    for width in range(10, 22):
        x = full_table(rng, (6, width))
        got = same_shape(student.call("dropout", x, 0.5, True, handle), x)
        surplus.append(abs(np.sum(got == 0) - x.size / 2))
    expect(max(surplus) > 1, "fixed_count")


@check(points=0.5, task="dropout", es="Todo el azar sale de rng: mismo estado, misma máscara; otro estado, otra.")
def test_chance_from_rng(student, rng):
    """All chance comes from rng: same state, same mask; another state, another mask."""
    x = full_table(rng, (20, 15))
    first_seed, second_seed = (int(seed) for seed in rng.choice(1_000_000, 2, replace=False))
    handle = new_generator(student, rng, first_seed)
    once, next_one = (same_shape(student.call("dropout", x, 0.5, True, handle), x) for _ in range(2))
    again = same_shape(student.call("dropout", x, 0.5, True, new_generator(student, rng, first_seed)), x)
    other = same_shape(student.call("dropout", x, 0.5, True, new_generator(student, rng, second_seed)), x)
    expect(np.array_equal(once, again), "other_chance")
    expect(not np.array_equal(once, other), "fixed_chance")
    expect(not np.array_equal(once, next_one), "fixed_chance")


@check(points=0.25, task="dropout", es="Con training=False, x sale como entró.")
def test_nothing_at_inference(student, rng):
    """With training=False, x comes out as it went in."""
    for rate in (0.3, 0.8):
        x = full_table(rng, (20, 10))
        got = same_shape(student.call("dropout", x, rate, False, new_generator(student, rng)), x)
        if np.allclose(got, x, rtol=1e-6, atol=0):
            continue
        expect(np.all(got != 0), "on_at_inference")
        raise CheckFailed("rescaled_at_inference")


@check(points=0.25, task="dropout", es="La tasa cumple 0 <= rate < 1; cualquier otra da ValueError.")
def test_rate_in_range(student, rng):
    """The rate satisfies 0 <= rate < 1; any other raises ValueError."""
    x = full_table(rng, (6, 5))
    # What comes out is judged elsewhere; here the rate is only accepted or not.
    call = student.observe("dropout", x, 0.0, True, new_generator(student, rng))
    expect("ValueError" not in call.exceptions, "refuses_zero")
    for rate, hint in ((1.0, "accepts_one"), (1, "accepts_one"), (-0.2, "accepts_outside"), (1.5, "accepts_outside")):
        expect_raises(student, "ValueError", "dropout", x, rate, True, new_generator(student, rng), hint=hint)


@check(points=0.25, task="dropout", es="El array recibido no se modifica.")
def test_input_kept(student, rng):
    """The array that comes in is not modified."""
    for training in (True, False):
        x = full_table(rng, (30, 10))
        handle = new_generator(student, rng)
        call = student.observe("dropout", x.copy(), 0.5, training, handle)
        expect(not call.exceptions and call.arguments)
        expect_unchanged(call, x, 0.5, training, handle, hint="modified")


@check(points=0.25, task="dropout", es="Sale la forma que entra: un vector, una tabla, una sola fila o columna.")
def test_shape_kept(student, rng):
    """The shape that goes in comes out: a vector, a table, a single row or column."""
    for shape in ((40,), (1,), (7, 3), (1, 12), (12, 1)):
        for training in (True, False):
            x = full_table(rng, shape)
            got = student.call("dropout", x, 0.4, training, new_generator(student, rng))
            expect_array(got, shape, "form")


# --- the network -----------------------------------------------------------------------------------------------------


def split(network):
    """What stands where: Dropouts in front of the first Dense layer; per Dense layer units, activation and Dropouts behind it;
    the kinds of all other layers.

    ReLU behind Dropout gives the same as Dropout behind ReLU, so either order counts.
    """
    in_front, layers, others = 0, [], []
    for node in network:
        if node.kind == "Dense":
            layers.append([node.units, node.activation, 0])
        elif node.kind == "Dropout" and layers:
            layers[-1][2] += 1
        elif node.kind == "Dropout":
            in_front += 1
        elif node.activation != "linear" and layers and layers[-1][1] == "linear":
            layers[-1][1] = node.activation
        elif node.kind not in ("Activation", "Identity", "Flatten"):
            others.append(node.kind)
    return in_front, layers, others


def small_model(student, rng):
    dimension = int(rng.integers(100, 300))
    rate = float(rng.choice([0.15, 0.25, 0.35, 0.4]))
    return dimension, rate, student.model("build_dropout_model", dimension=dimension, rate=rate)


@check(
    points=0.75,
    task="build_dropout_model",
    es="Bajo el dropout está la red 16-16-1 del cuaderno 05, con `dimension` entradas.",
)
def test_sixteen_sixteen_one(student, rng):
    """Underneath the dropout is the 16-16-1 network of notebook 05, on `dimension` inputs."""
    dimension, _, model = small_model(student, rng)
    expect(model.input_shape == (dimension,), "input")
    _, layers, others = split(model.network)
    expect(len(layers) > 1, "no_hidden")
    expect(len(layers) == 3, "depth")
    expect([units for units, _, _ in layers] == [16, 16, 1], "units")
    expect(layers[0][1] == layers[1][1] == "relu", "not_relu")
    expect(layers[2][1] == "sigmoid", "not_sigmoid")
    expect(not others, "extra_layers")
    expect(model.count_params() == dimension * 16 + 16 + 16 * 16 + 16 + 16 + 1, "extra_layers")


@check(points=1, task="build_dropout_model", es="Hay un Dropout detrás de cada capa oculta y ninguno más.")
def test_dropout_behind_each_hidden_layer(student, rng):
    """There is a Dropout behind each hidden layer and no other."""
    _, _, model = small_model(student, rng)
    in_front, layers, _ = split(model.network)
    behind = [count for _, _, count in layers]
    expect(in_front + sum(behind) > 0, "no_dropout")
    expect(behind and behind[-1] == 0, "after_output")
    hidden = behind[:-1]
    expect(hidden and any(hidden), "input_only")
    expect(all(hidden), "one_only")
    expect(max(hidden) == 1, "twice")
    expect(in_front == 0, "input_too")
    for node in model.network:
        noise = node.config.get("noise_shape") if node.kind == "Dropout" else None
        expect(noise is None or tuple(noise)[1:] in ((None,), (16,)), "row_noise")


@check(points=0.5, task="build_dropout_model", es="Las capas Dropout llevan la tasa rate, que por defecto es 0,5.")
def test_rate_used(student, rng):
    """The Dropout layers have the rate `rate`, 0.5 by default."""
    for wanted in (0.15, 0.35, 0.6):
        model = student.model("build_dropout_model", dimension=int(rng.integers(100, 300)), rate=wanted)
        rates = [node.rate for node in model.network if node.kind == "Dropout"]
        expect(rates, "no_dropout")
        expect(not all(abs(rate - (1 - wanted)) < 1e-6 for rate in rates), "kept_rate")
        expect(all(abs(rate - wanted) < 1e-6 for rate in rates), "fixed_rate")
    model = student.model("build_dropout_model")
    # What the layers are has its own check; the weights of the first one tell what it was built for.
    expect(any(10_000 in weight.shape for weight in model.weights), "default_rate")
    expect(all(abs(node.rate - 0.5) < 1e-6 for node in model.network if node.kind == "Dropout"), "default_rate")


@check(
    points=0.5,
    task="build_dropout_model",
    es="Está compilada como la original: RMSprop, entropía cruzada binaria y exactitud.",
)
def test_compiled_alike(student, rng):
    """It is compiled like the original: RMSprop, binary cross-entropy and accuracy."""
    _, _, model = small_model(student, rng)
    compiled = model.compiled
    expect(compiled is not None, "not_compiled")
    expect(compiled.loss == "binary_crossentropy", "loss")
    expect(not compiled.loss_options.get("from_logits"), "logits")
    expect(compiled.optimizer == "rmsprop", "optimizer")
    expect("accuracy" in compiled.metrics, "no_metric")


PASSES = """
import numpy as np

def passes(model, x):
    return [np.stack([np.asarray(model(x, training=training)) for _ in range(3)]) for training in (False, True)]
"""


def spread(passes):
    """How far apart the passes lie, at the sample where they differ most."""
    return float(np.ptp(passes, axis=0).max())


@check(points=0.25, task="build_dropout_model", es="El dropout actúa al entrenar y calla al predecir.")
def test_active_only_in_training(student, rng):
    """Dropout acts in training and keeps quiet in prediction."""
    dimension = int(rng.integers(100, 300))
    model = student.model("build_dropout_model", dimension=dimension, rate=0.5)
    # A mistaken input size has its own check.
    shape = model.input_shape or ()
    width = shape[0] if len(shape) == 1 and isinstance(shape[0], int) else dimension
    x = rng.integers(0, 2, (40, width)).astype("float32")
    quiet, noisy = student.apply(student.helper(PASSES, "passes"), model, x)
    quiet, noisy = expect_array(quiet).astype(float), expect_array(noisy).astype(float)
    expect(spread(quiet) < 1e-5, "always_on")
    expect(spread(noisy) > 1e-5, "never_on")
    # Not by the word of the student's process alone: the network rebuilt elsewhere has to do the same, about as strongly. The
    # mean over 40 samples of how far three passes lie apart is good to 20 %.
    rebuilt = np.stack([model.predict(x, training=True) for _ in range(3)])
    expect(spread(rebuilt) > 1e-5, "never_on")
    expect(0.4 < float(np.mean(np.ptp(noisy, axis=0)) / np.mean(np.ptp(rebuilt, axis=0))) < 2.5, "never_on")


# --- the comparison --------------------------------------------------------------------------------------------------


VALIDATED = f"val_{'accuracy'}"


@dataclass(frozen=True)
class Training:
    """Curves of a training."""

    curves: dict

    def __getitem__(self, key):
        return self.curves[key]

    def asked(self, key):
        return float(self.curves[key][-1])


def overfitted(rng, low, last, epochs=6):
    """A validation loss that falls to `low` and rises again to `last`, everything else drawn around it."""
    fall = np.linspace(low + 0.5, low, epochs // 2)
    rise = np.linspace(low, last, epochs - epochs // 2 + 1)[1:]
    accuracy = np.sort(rng.uniform(0.5, 0.7, epochs))
    return Training(
        {
            "accuracy": (accuracy + 0.2).tolist(),
            "loss": np.sort(rng.uniform(0.02, 0.1, epochs))[::-1].tolist(),
            VALIDATED: accuracy.tolist(),
            "val_loss": np.concatenate([fall, rise]).tolist(),
        }
    )


def falling(start, last, epochs=5):
    """Every curve falls and ends at `last`, so that best and last, training and validation agree on which is better."""
    losses = np.linspace(start, last, epochs).tolist()
    return Training(
        {
            "accuracy": (1 - np.array(losses) / 2).tolist(),
            "loss": losses,
            VALIDATED: (1 - np.array(losses) / 2).tolist(),
            "val_loss": losses,
        }
    )


def compared(student, first, second):
    """What `compare` returns for two trainings, given as histories or, where those do not work, as dictionaries."""
    call = student.observe("compare", student.history(first.curves), student.history(second.curves))
    return student.call("compare", first.curves, second.curves) if call.exceptions else call.value


def answer(got, *keys):
    """The values under `keys`, or the check fails."""
    expect(isinstance(got, dict) and all(key in got for key in keys), "not_dict")
    return [got[key] for key in keys]


def verdict(value):
    """True or False; 1 and 0, whose type has its own check, count."""
    expect(isinstance(value, bool | int | float | np.generic | np.ndarray) and np.shape(value) == (), "not_bool")
    return bool(value)


@check(points=0.75, task="compare", es="baseline y dropout son la última pérdida de validación de cada entrenamiento.")
def test_last_validation_losses(student, rng):
    """baseline and dropout are the last validation loss of each training."""
    for epochs in (6, 9):
        lows = rng.uniform(0.25, 0.35, 2)
        # Different lengths too: stopping early makes them so.
        first = overfitted(rng, lows[0], lows[0] + rng.uniform(0.2, 0.3), epochs)
        second = overfitted(rng, lows[1], lows[1] + rng.uniform(0.05, 0.1), epochs + 2)
        got = answer(compared(student, first, second), "baseline", "dropout")
        got = [expect_number(value, "not_numbers") for value in got]
        pair = (first, second)
        wrong = {
            "best": [min(one["val_loss"]) for one in pair],
            "training_loss": [one["loss"][-1] for one in pair],
            "first": [one["val_loss"][0] for one in pair],
            "accuracy": [one[VALIDATED][-1] for one in pair],
            "swapped": [second.asked("val_loss"), first.asked("val_loss")],
        }
        want = [one.asked("val_loss") for one in pair]
        expect_close(got, want, rtol=1e-4, atol=1e-6, hint="not_last", mistaken=wrong)


@check(
    points=0.5, task="compare", es="improved es cierto si la pérdida final con dropout es menor, y falso si es mayor."
)
def test_improved(student, rng):
    """improved is true if the final loss with dropout is lower, and false if it is higher."""
    low, high = float(rng.uniform(0.2, 0.3)), float(rng.uniform(0.4, 0.5))
    for first, second, want in ((high, low, True), (low, high, False)):
        got = compared(student, falling(0.7, first), falling(0.7, second))
        expect(verdict(*answer(got, "improved")) is want, "turned_round")
    # The best epochs say the opposite of the last ones. Whoever returns other losses is charged for that elsewhere:
    # here it is enough that improved follows from what is returned.
    for (low, last), (other_low, other_last) in (((0.25, 0.6), (0.35, 0.4)), ((0.35, 0.4), (0.25, 0.6))):
        pair = overfitted(rng, low, last), overfitted(rng, other_low, other_last)
        before, after, improved = answer(compared(student, *pair), "baseline", "dropout", "improved")
        before, after = expect_number(before, "not_numbers"), expect_number(after, "not_numbers")
        right = other_last < last
        expect(verdict(improved) in (right, after < before), "other_basis")


@check(points=0.25, task="compare", es="Un empate no cuenta como mejora.")
def test_tie_is_none(student, rng):
    """A tie does not count as an improvement."""
    last = float(rng.uniform(0.3, 0.5))
    for starts in ((0.8, 0.7), (0.7, 0.8), (0.75, 0.75)):
        got = compared(student, *(falling(start, last) for start in starts))
        expect(not verdict(*answer(got, "improved")), "tie")


@check(points=0.25, task="compare", es="Sale un diccionario con dos números y un valor lógico, True o False.")
def test_kinds_of_values(student, rng):
    """The result is a dictionary with two numbers and one logical value, True or False."""
    for last in (0.3, 0.6):
        got = compared(student, falling(0.9, 0.5), falling(0.9, last + rng.uniform(0, 0.05)))
        before, after, improved = answer(got, "baseline", "dropout", "improved")
        expect_number(before, "not_numbers")
        expect_number(after, "not_numbers")
        expect(isinstance(improved, bool | np.bool_ | np.ndarray), "not_bool")
        logical = np.asarray(improved)
        expect(logical.shape == () and logical.dtype.kind == "b", "not_bool")


@check(points=0.25, task="compare", es="Cada argumento puede ser un History o su diccionario.")
def test_history_or_dictionary(student, rng):
    """Each argument may be a History or its dictionary."""
    first, second = falling(0.8, float(rng.uniform(0.4, 0.5))), falling(0.7, float(rng.uniform(0.2, 0.3)))
    plain = [(one.curves, student.history(one.curves)) for one in (first, second)]
    told = []
    for pair in product(*plain):
        call = student.observe("compare", *pair)
        expect(not call.exceptions, "one_kind")
        told.append([expect_number(value, "not_numbers") for value in answer(call.value, "baseline", "dropout")])
    # Which losses they are has its own check.
    for numbers in told[1:]:
        expect_close(numbers, told[0], rtol=1e-6, atol=1e-9, hint="one_kind")


# --- Monte Carlo -----------------------------------------------------------------------------------------------------

MONTE_CARLO_SECONDS = 180
"""One call of the model takes milliseconds; whoever asks sample by sample makes thousands."""
HIDDEN = 6
RATE = 0.5


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


@dataclass(frozen=True)
class Doubtful:
    """A network with one hidden layer and dropout behind it, and what its passes are like, over all 64 masks."""

    model: object
    x: np.ndarray
    mean: np.ndarray
    std: np.ndarray
    at_rest: np.ndarray


def doubtful(student, rng, n, seed):
    """`n` samples on which the passes differ clearly, and whose mean is not the prediction with dropout off."""
    student.reseed(seed)
    k1 = rng.uniform(0.3, 1.0, (4, HIDDEN))
    b1 = rng.uniform(0.1, 0.4, HIDDEN)
    k2 = rng.uniform(0.45, 0.75, (HIDDEN, 1)) * np.array([[1], [1], [1], [1], [1], [-1]])
    b2 = np.array([-2.9])
    weights = [w.astype("float32") for w in (k1, b1, k2, b2)]
    layers = [
        ("Dense", {"units": HIDDEN, "activation": "relu"}),
        ("Dropout", {"rate": RATE}),
        ("Dense", {"units": 1, "activation": "sigmoid"}),
    ]
    model = student.keras_model((4,), layers, weights=weights)
    x = rng.uniform(0.2, 1.2, (n, 4)).astype("float32")
    hidden = np.maximum(x.astype(float) @ k1 + b1, 0)
    masks = np.array(list(product((0, 1), repeat=HIDDEN))) / (1 - RATE)
    passes = np.stack([sigmoid((hidden * mask) @ k2 + b2).ravel() for mask in masks])
    return Doubtful(model, x, passes.mean(axis=0), passes.std(axis=0), sigmoid(hidden @ k2 + b2).ravel())


def pair_of(got):
    """The two parts of `(mean, std)`; one array of two rows counts."""
    expect(isinstance(got, tuple | list) or (isinstance(got, np.ndarray) and got.ndim > 0), "pair")
    expect(len(got) == 2, "pair")
    return got[0], got[1]


def one_each(part, n, samples, hint):
    """`part` as one number per sample; a column, which has its own check, counts."""
    part = expect_array(part, hint=hint).astype(float)
    expect(part.size != samples, "wrong_axis")
    expect(part.size == n, "size")
    return part.ravel()


@check(
    points=0.5,
    task="monte_carlo_predict",
    es="La media es la de muchas pasadas con el dropout encendido.",
    seconds=MONTE_CARLO_SECONDS,
)
def test_mean_of_passes(student, rng, seed):
    """The mean is that of many passes with dropout on."""
    n, samples = 150, 80
    case = doubtful(student, rng, n, seed)
    mean, _ = pair_of(student.call("monte_carlo_predict", case.model, case.x, samples=samples))
    mean = one_each(mean, n, samples, "mean")
    # Whoever makes fewer passes than asked for is charged elsewhere, so the mean over the samples counts here as well.
    error = (mean - case.mean) / case.std
    expect(not np.allclose(mean, case.at_rest, atol=1e-4), "from_predict")
    expect(abs(error.mean()) < 0.15 and np.sqrt(np.mean(error**2)) < 0.45, "mean")


@check(
    points=0.5,
    task="monte_carlo_predict",
    es="La dispersión es la desviación típica de las pasadas, muestra a muestra.",
    seconds=MONTE_CARLO_SECONDS,
)
def test_spread_of_passes(student, rng, seed):
    """The spread is the standard deviation of the passes, sample by sample."""
    n, samples = 150, 80
    case = doubtful(student, rng, n, seed)
    _, std = pair_of(student.call("monte_carlo_predict", case.model, case.x, samples=samples))
    expect(expect_array(std, hint="spread").size > 1, "spread")
    std = one_each(std, n, samples, "spread")
    expect(np.median(std) > 1e-4, "zero_spread")
    ratio = float(np.mean(std / case.std))
    if abs(ratio - 1) < 0.1 and np.quantile(np.abs(std / case.std - 1), 0.75) < 0.4:
        return
    expect(abs(float(np.mean(std / case.std**2)) - 1) > 0.12, "variance")
    expect(abs(ratio * np.sqrt(samples) - 1) > 0.12, "standard_error")
    raise CheckFailed("spread")


@check(
    points=0.5,
    task="monte_carlo_predict",
    es="Se hacen tantas pasadas como dice samples: con más, la media tiembla menos.",
    seconds=MONTE_CARLO_SECONDS,
)
def test_number_of_passes(student, rng, seed):
    """As many passes are made as samples says: with more, the mean trembles less."""
    n = 900
    case = doubtful(student, rng, n, seed)
    for samples in (2, 6):
        mean, _ = pair_of(student.call("monte_carlo_predict", case.model, case.x, samples=samples))
        mean = one_each(mean, n, samples, "mean")
        # The variance of a mean is that of one pass over their number; its estimate from 900 samples is good to 5 %.
        made = 1 / np.mean(((mean - case.mean) / case.std) ** 2)
        expect(0.75 * samples < made < 1.35 * samples, "samples")


@check(points=0.25, task="monte_carlo_predict", es="Salen dos vectores (n,), también con una sola muestra.")
def test_form_of_the_answer(student, rng, seed):
    """Two vectors (n,) come out, with a single sample too."""
    case = doubtful(student, rng, 11, seed)
    for x in (case.x, case.x[:1]):
        got = student.call("monte_carlo_predict", case.model, x, samples=7)
        for part in pair_of(got):
            part = expect_array(part, hint="size")
            expect(part.shape != (len(x), 1), "column")
            expect(part.shape != (7,), "wrong_axis")
            expect(part.shape != () or len(x) > 1, "lost_axis")
            expect(part.shape == (len(x),), "size")


@check(
    points=0.25,
    task="monte_carlo_predict",
    es="Con un modelo sin dropout, la media es su predicción y no hay dispersión.",
)
def test_model_without_dropout(student, rng):
    """With a model without dropout the mean is its prediction and there is no spread."""
    weights = [rng.uniform(-1, 1, shape).astype("float32") for shape in ((5, 4), (4,), (4, 1), (1,))]
    layers = [("Dense", {"units": 4, "activation": "relu"}), ("Dense", {"units": 1, "activation": "sigmoid"})]
    model = student.keras_model((5,), layers, weights=weights)
    x = rng.uniform(-1, 1, (13, 5)).astype("float32")
    mean, std = pair_of(student.call("monte_carlo_predict", model, x, samples=5))
    mean, std = one_each(mean, 13, 5, "own_noise"), one_each(std, 13, 5, "own_noise")
    k1, b1, k2, b2 = (w.astype(float) for w in weights)
    want = sigmoid(np.maximum(x.astype(float) @ k1 + b1, 0) @ k2 + b2).ravel()
    expect_close(mean, want, rtol=1e-3, atol=1e-4, hint="own_noise")
    expect(np.all(np.abs(std) < 1e-4), "own_noise")
