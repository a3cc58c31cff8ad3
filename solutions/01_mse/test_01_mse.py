"""Hidden grader of 01_mse: error, gradient, scale, descent.

Every check judges one idea, so that one misconception is charged once: where a check is not about the formula itself
(columns, small integers, speed, losses), it compares the student's answer with the student's own answer to the plain
question. What the contract leaves open (the type of `losses`, a returned list or array, NumPy scalars, scalers fed
one-dimensional data, whether anything but `min_max_scale` spares its input) is not judged.
"""

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
from autograder.errors import StudentError

RTOL, ATOL = 1e-5, 1e-5  # wide enough for answers computed in float32, far narrower than any mistake named here
SECONDS = 1.0  # for a million points; a vectorised answer needs about a hundredth of a second
MILLION = 1_000_000

HINTS = {
    # mse
    "absolute": Text(
        es="Parece la media de los errores absolutos (MAE): eleva cada error al cuadrado en lugar de quitarle "
        "el signo.",
        en="This looks like the mean of the absolute errors (MAE): square every error instead of dropping its sign.",
    ),
    "root": Text(
        es="Parece la raíz del error (RMSE): el MSE se queda en el cuadrado, sin raíz.",
        en="This looks like the root of the error (RMSE): the MSE stays squared, no root is taken.",
    ),
    "half": Text(
        es="Parece la mitad del MSE: el factor 1/2 es una comodidad de algunos libros para derivar, aquí solo "
        "se promedia.",
        en="This looks like half the MSE: the factor 1/2 is a convenience of some textbooks, here we only average.",
    ),
    "sum": Text(
        es="Parece la suma de los cuadrados: falta dividir entre el número de muestras.",
        en="This looks like the sum of the squares: it still has to be divided by the number of samples.",
    ),
    "sample_mean": Text(
        es="Parece que divides entre n − 1: el MSE es una media corriente, divide entre n.",
        en="You seem to divide by n − 1: the MSE is an ordinary mean, divide by n.",
    ),
    "cancelled": Text(
        es="Parece que promedias antes de elevar al cuadrado: los errores de signo contrario se cancelan. "
        "Primero el cuadrado, después la media.",
        en="You seem to average before squaring: errors of opposite sign cancel. Square first, then average.",
    ),
    "unsquared": Text(
        es="Parece la media de los errores con su signo, que se cancelan entre sí: falta elevarlos al cuadrado.",
        en="This looks like the mean of the signed errors, which cancel each other: they still have to be squared.",
    ),
    "one_number": Text(
        es="Se pide un solo número finito para toda la muestra. Si te sale un array, mira si falta la media o "
        "si promedias por un eje.",
        en="One finite number is asked for the whole sample. If you get an array, look for a missing mean or a "
        "mean over one axis.",
    ),
    "linear_law": Text(
        es="Con todos los errores el triple de grandes, el MSE debe ser nueve veces mayor, y el tuyo solo se "
        "triplica: falta el cuadrado o sobra una raíz.",
        en="With all errors three times as large the MSE must be nine times as large, yours only triples: a "
        "square is missing or a root is too many.",
    ),
    "law": Text(
        es="El MSE crece con el cuadrado de los errores, no cambia al intercambiar valor real y predicción, y "
        "solo es cero cuando se acierta todo. Comprueba estas tres propiedades con tus propios números.",
        en="The MSE grows with the square of the errors, does not change when truth and prediction swap "
        "places, and is zero only for a perfect prediction. Try these three properties on numbers of your "
        "own.",
    ),
    "table": Text(
        es="Al restar una columna (n, 1) y un vector (n,), NumPy construye una tabla n × n con todas las "
        "parejas. Aplana ambas muestras antes de restar.",
        en="Subtracting a column (n, 1) and a vector (n,), NumPy builds an n × n table of all pairs. Flatten "
        "both samples before you subtract.",
    ),
    "columns": Text(
        es="Los mismos números escritos como columna (n, 1) o como vector (n,) deben dar lo mismo. Mira las "
        "formas (.shape) justo antes de restar.",
        en="The same numbers written as a column (n, 1) or as a vector (n,) must give the same. Look at the "
        "shapes (.shape) right before you subtract.",
    ),
    "uint8": Text(
        es="Con enteros pequeños sale otra cosa que con los mismos números como float. En uint8 no hay "
        "negativos ni nada mayor que 255: 3 − 5 es 254. Convierte a float antes de restar.",
        en="Small integers give something else than the same numbers as floats. uint8 knows no negatives and "
        "nothing above 255: 3 − 5 is 254. Convert to float before you subtract.",
    ),
    "empty": Text(
        es="La media de cero muestras no existe: hay que lanzar ValueError cuando la muestra está vacía, no "
        "devolver nan ni 0.",
        en="The mean of no samples does not exist: raise ValueError for an empty sample instead of returning nan or 0.",
    ),
    "sizes": Text(
        es="Dos muestras de tamaño distinto no se pueden comparar: lanza ValueError. No te fíes de NumPy ni de "
        "zip: un solo valor se repite en silencio y zip se detiene en la más corta.",
        en="Two samples of different size cannot be compared: raise ValueError. Do not rely on NumPy or zip: a "
        "single value is silently repeated, and zip stops at the shorter one.",
    ),
    "slow": Text(
        es="Un millón de puntos debe tardar menos de un segundo: cambia el bucle de Python por operaciones de "
        "NumPy sobre el array entero.",
        en="A million points must take less than a second: replace the Python loop by NumPy operations on the "
        "whole array.",
    ),
    "raised_big": Text(
        es="Tu función falla con un millón de puntos, aunque sean datos corrientes.",
        en="Your function fails on a million points, although the data are ordinary.",
    ),
    # mse_gradient
    "sign": Text(
        es="El gradiente tiene el signo cambiado: señala hacia donde el error crece, así que una predicción "
        "demasiado alta tiene gradiente positivo.",
        en="The gradient has its sign turned: it points to where the error grows, so a prediction that is too "
        "high has a positive gradient.",
    ),
    "no_factor": Text(
        es="Has devuelto la diferencia sin más: falta el factor 2/n, donde el 2 sale de derivar el cuadrado y "
        "el 1/n de la media.",
        en="You returned the bare difference: the factor 2/n is missing; the 2 comes from the square, the 1/n "
        "from the mean.",
    ),
    "sign_no_factor": Text(
        es="Es la diferencia al revés y sin factor: resta predicción menos valor real y multiplica por 2/n.",
        en="This is the difference the wrong way round and without its factor: take prediction minus truth, times 2/n.",
    ),
    "no_n": Text(
        es="Parece el gradiente de la suma de cuadrados: falta dividir entre n.",
        en="This looks like the gradient of the sum of squares: it still has to be divided by n.",
    ),
    "no_two": Text(
        es="Falta un factor 2, el que baja al derivar el cuadrado. (Es el gradiente de la mitad del MSE.)",
        en="A factor of 2 is missing, the one that comes down from the square. (This is the gradient of half the MSE.)",
    ),
    "gradient_absolute": Text(
        es="Parece el gradiente del MAE (solo el signo del error): el del MSE crece con el tamaño del error.",
        en="This looks like the gradient of the MAE (the error's sign only): that of the MSE grows with the "
        "size of the error.",
    ),
    "gradient": Text(
        es="El gradiente no coincide con la pendiente del MSE. Mueve un poco una sola predicción y mira cuánto "
        "cambia el MSE: eso es lo que debe decir su componente.",
        en="The gradient is not the slope of the MSE. Nudge a single prediction and see how much the MSE "
        "changes: that is what its component must say.",
    ),
    "gradient_shape": Text(
        es="El gradiente tiene un componente por predicción y forma (n,): ni un solo número, ni una columna, "
        "ni una tabla.",
        en="The gradient has one component per prediction and shape (n,): not a single number, not a column, "
        "not a table.",
    ),
    # scaling
    "deck": Text(
        es="Has dividido entre X − Xmax, como en la diapositiva: ese divisor cambia en cada fila y se anula en "
        "el máximo. El divisor correcto es el recorrido de la columna, Xmax − Xmin.",
        en="You divided by X − Xmax, as the lecture slide does: that divisor differs in every row and vanishes "
        "at the maximum. The right divisor is the range of the column, Xmax − Xmin.",
    ),
    "whole_table": Text(
        es="Has usado una sola cifra para toda la tabla: cada columna se escala con sus propias cifras (axis=0).",
        en="You used one figure for the whole table: every column is scaled by its own figures (axis=0).",
    ),
    "rows": Text(
        es="Has escalado cada fila: una fila mezcla magnitudes distintas. Recorre las columnas (axis=0).",
        en="You scaled every row: a row mixes different quantities. Go down the columns (axis=0).",
    ),
    "by_max": Text(
        es="Has dividido entre el máximo sin restar antes el mínimo: así el menor valor de la columna no llega a 0.",
        en="You divided by the maximum without subtracting the minimum: the smallest value of a column then is not 0.",
    ),
    "symmetric": Text(
        es="Tu resultado va de −1 a 1: se pide el intervalo de 0 a 1.",
        en="Your result runs from −1 to 1: the interval from 0 to 1 is asked for.",
    ),
    "inverted": Text(
        es="Está al revés: el mínimo de cada columna debe ser 0 y el máximo 1.",
        en="It is upside down: the minimum of every column must become 0 and the maximum 1.",
    ),
    "min_max": Text(
        es="En cada columna el mínimo debe convertirse en 0, el máximo en 1 y lo demás quedar en proporción, "
        "sin cambiar la forma de la tabla.",
        en="In every column the minimum must become 0, the maximum 1, and the rest stay in proportion, the "
        "table keeping its shape.",
    ),
    "not_finite": Text(
        es="Una columna constante da nan o infinito: su recorrido o su desviación es 0 y se divide entre 0. "
        "Esa columna debe quedar en 0.",
        en="A constant column gives nan or infinity: its range or deviation is 0 and you divide by it. That "
        "column must become 0.",
    ),
    "constant": Text(
        es="Una columna constante no distingue a nadie: todos sus valores deben convertirse en 0.",
        en="A constant column tells nobody apart: all its values must become 0.",
    ),
    "mutated": Text(
        es="Tu función cambia la tabla que recibe. np.asarray no copia un array de floats y -= o /= escriben "
        "encima: guarda el resultado en un array nuevo.",
        en="Your function changes the table it is given. np.asarray does not copy an array of floats, and -= "
        "or /= write over it: put the result into a new array.",
    ),
    "not_centred": Text(
        es="Las columnas no tienen media 0: resta a cada columna su propia media antes de dividir.",
        en="The columns do not have mean 0: subtract from every column its own mean before you divide.",
    ),
    "not_in_proportion": Text(
        es="El resultado no crece en proporción con la columna original: estandarizar solo desplaza y cambia "
        "de unidad, nunca cambia el orden ni las distancias relativas.",
        en="The result is not in proportion to the original column: standardising only shifts and changes the "
        "unit, never the order or the relative distances.",
    ),
    "sample": Text(
        es="Parece la desviación muestral (n − 1, ddof=1): se pide la poblacional, que divide entre n.",
        en="This looks like the sample deviation (n − 1, ddof=1): the population deviation is asked for, which "
        "divides by n.",
    ),
    "variance": Text(
        es="Parece que divides entre la varianza: divide entre su raíz, la desviación típica.",
        en="You seem to divide by the variance: divide by its root, the standard deviation.",
    ),
    "only_centred": Text(
        es="Has restado la media, pero falta dividir entre la desviación típica de cada columna.",
        en="You subtracted the mean, but did not divide by the standard deviation of every column.",
    ),
    "spread": Text(
        es="La desviación típica poblacional de cada columna del resultado debe ser 1.",
        en="The population standard deviation of every column of the result must be 1.",
    ),
    "table_shape": Text(
        es="El resultado debe ser una tabla de números finitos con la misma forma que la de entrada.",
        en="The result must be a table of finite numbers of the same shape as the input.",
    ),
    # fit_line
    "triple": Text(
        es="Se piden tres cosas en este orden: w, b y losses; w y b son números finitos y losses una lista o "
        "un array de números.",
        en="Three things are asked for, in this order: w, b and losses; w and b are finite numbers, losses a "
        "list or array of numbers.",
    ),
    "swapped": Text(
        es="w y b están intercambiados: primero la pendiente w, después la ordenada b.",
        en="w and b have changed places: first the slope w, then the intercept b.",
    ),
    "new_w": Text(
        es="b se actualiza con la w que acabas de cambiar: calcula antes los dos gradientes con los valores "
        "viejos y después da los dos pasos a la vez.",
        en="b is updated with the w that you have just changed: compute both gradients from the old values "
        "first, then take both steps at once.",
    ),
    "ascent": Text(
        es="Subes en lugar de bajar: hay que restar el gradiente, no sumarlo (o la diferencia está al revés).",
        en="You climb instead of descending: the gradient must be subtracted, not added (or the difference is "
        "the wrong way round).",
    ),
    "half_step": Text(
        es="Cada paso es la mitad de lo debido: falta el 2 que baja al derivar el cuadrado.",
        en="Every step is half of what it should be: the 2 that comes down from the square is missing.",
    ),
    "sum_step": Text(
        es="Cada paso es n veces demasiado grande: el gradiente del MSE es una media, no una suma.",
        en="Every step is n times too large: the gradient of the MSE is a mean, not a sum.",
    ),
    "one_more": Text(
        es="Das una actualización de más: cada época da exactamente una.",
        en="You take one update too many: every epoch takes exactly one.",
    ),
    "one_less": Text(
        es="Das una actualización de menos: cada época da exactamente una, la última también.",
        en="You take one update too few: every epoch takes exactly one, the last one too.",
    ),
    "no_bias": Text(
        es="b se queda en 0: también hay que actualizarla, con la suma del gradiente.",
        en="b stays at 0: it has to be updated too, with the sum of the gradient.",
    ),
    "trajectory": Text(
        es="Tras unas pocas épocas w y b no están donde los deja el descenso del gradiente desde w = b = 0. "
        "Haz a mano el primer paso con tres puntos y compáralo.",
        en="After a few epochs w and b are not where gradient descent from w = b = 0 leaves them. Do the first "
        "step by hand on three points and compare.",
    ),
    "not_reached": Text(
        es="Con puntos que están justo en una recta, un paso razonable y épocas de sobra, no llegas a esa "
        "recta. Mira tus pérdidas: si crecen, revisa el signo y el factor 2/n; si apenas bajan, revisa que "
        "uses learning_rate y todas las épocas.",
        en="With points that lie exactly on a line, a sensible step and plenty of epochs, you do not arrive at "
        "that line. Look at your losses: if they grow, check the sign and the factor 2/n; if they hardly "
        "fall, check that learning_rate and all epochs are used.",
    ),
    "losses_length": Text(
        es="losses debe tener exactamente un valor por época: apunta la pérdida una vez en cada vuelta, antes "
        "de actualizar.",
        en="losses must hold exactly one value per epoch: note the loss once per turn, before the update.",
    ),
    "after_update": Text(
        es="Apuntas la pérdida después de actualizar: cada valor debe tomarse antes, así el primero es el "
        "error con w = b = 0.",
        en="You note the loss after the update: every value must be taken before it, so that the first is the "
        "error at w = b = 0.",
    ),
    "losses": Text(
        es="Cada valor de losses debe ser el MSE de la recta que había justo antes de esa actualización; el "
        "primero, el de la recta w = b = 0.",
        en="Every entry of losses must be the MSE of the line as it was just before that update; the first, of "
        "the line w = b = 0.",
    ),
    "rate": Text(
        es="Cambiar learning_rate no cambia el primer paso en la misma proporción: desde w = b = 0, el doble "
        "de tasa es un paso el doble de largo. Mira si usas el argumento y si empiezas en 0.",
        en="Changing learning_rate does not change the first step in proportion: from w = b = 0, twice the "
        "rate is a step twice as long. Check that you use the argument and start at 0.",
    ),
    "fit_columns": Text(
        es="Los mismos puntos como columna (n, 1), como lista o como enteros deben dar la misma recta y las "
        "mismas pérdidas. Convierte a float y aplana x e y al empezar.",
        en="The same points as a column (n, 1), as a list or as integers must give the same line and the same "
        "losses. Convert x and y to float and flatten them first.",
    ),
}


# ---------------------------------------------------------------- oracles


def true_mse(y_true, y_pred):
    """MSE of two flat float arrays."""
    return float(np.mean((y_pred - y_true) ** 2))


def wrong_mse(y_true, y_pred):
    """What the known misconceptions make of it."""
    error = y_pred - y_true
    square = float(np.sum(error**2))
    return {
        "absolute": float(np.mean(np.abs(error))),
        "root": float(np.sqrt(square / error.size)),
        "half": square / error.size / 2,
        "sum": square,
        "sample_mean": square / (error.size - 1),
        "cancelled": float(np.mean(error)) ** 2,
        "unsquared": float(np.mean(-error)),
    }


def slope(y_true, y_pred, step=1e-3):
    """The gradient of the MSE by central differences, exact for a parabola up to rounding."""
    result = np.empty(y_pred.size)
    for i in range(y_pred.size):
        up, down = y_pred.copy(), y_pred.copy()
        up[i] += step
        down[i] -= step
        result[i] = (true_mse(y_true, up) - true_mse(y_true, down)) / (2 * step)
    return result


def wrong_gradient(y_true, y_pred):
    """What the known misconceptions make of the gradient."""
    error = y_pred - y_true
    n = error.size
    return {
        "sign": -2 * error / n,
        "no_factor": error,
        "sign_no_factor": -error,
        "no_n": 2 * error,
        "no_two": error / n,
        "gradient_absolute": np.sign(error) / n,
    }


def descend(x, y, learning_rate, epochs, *, factor=2.0, total=False, new_w=False, bias=True):
    """w and b after gradient descent on flat arrays; the keywords are misconceptions."""
    w = b = 0.0
    reduce = np.sum if total else np.mean
    with np.errstate(all="ignore"):
        for _ in range(epochs):
            error = w * x + b - y
            next_w = w - learning_rate * factor * reduce(error * x)
            if new_w:
                error = next_w * x + b - y
            b = b - learning_rate * factor * reduce(error) if bias else 0.0
            w = next_w
    return np.array([w, b])


# ---------------------------------------------------------------- helpers


def same(got, want, rtol=RTOL, atol=ATOL):
    """Whether two arrays agree, infinities and NaN included; False for what is no array of numbers."""
    try:
        got, want = np.asarray(got, dtype=float), np.asarray(want, dtype=float)
    except (TypeError, ValueError):
        return False
    return got.shape == want.shape and np.allclose(got, want, rtol=rtol, atol=atol, equal_nan=True)


def spellings(y_true, y_pred):
    """The same two samples as columns, rows and lists, in every mixture."""
    a, b = y_true.reshape(-1, 1), y_pred.reshape(-1, 1)
    return ((a, y_pred), (y_true, b), (a, b), (y_true.tolist(), b), (a.tolist(), y_pred.tolist()))


def expect_fast(student, name, *args):
    """The value of a call that must be quick; a slow first answer gets a second chance: machines hiccup."""
    for attempt in (1, 2):
        call = student.observe(name, *args)
        expect(not call.exceptions, hint="raised_big")
        if call.seconds < SECONDS or attempt == 2 or call.seconds > 5 * SECONDS:
            break
    expect(call.seconds < SECONDS, hint="slow")
    return call.value


def table_of(rng, rows=12):
    """A table (rows, 3) whose columns differ in place and scale."""
    return rng.uniform(0, 1, (rows, 3)) * (1.5, 12.0, 90.0) + (-2.0, 30.0, 100.0) + rng.uniform(0, 1, 3)


def constant_table(rng):
    """A table (9, 4) of whole numbers whose columns 1 and 3 are constant, and the list of these columns.

    The constants lie between the other values, so that no scaling over the whole table turns them into 0 by luck.
    """
    table = rng.integers(-50, 50, (9, 4)).astype(float)
    table[0, ::2], table[1, ::2] = -60, 60
    table[:, 1], table[:, 3] = rng.integers(3, 9), rng.integers(-29, -23)
    return table, [1, 3]


def expect_shape(got, shape, hint):
    """Numbers of that shape, nan and infinity included: for checks whose question is not what the numbers are."""
    try:
        expect(np.asarray(got, dtype=float).shape == shape, hint=hint)
    except (TypeError, ValueError):
        expect(False, hint=hint)


def read_fit(got):
    """The line (w, b) and losses that `fit_line` returned; a w or b in an array of one element counts as a number."""
    expect(isinstance(got, tuple | list) and len(got) == 3, hint="triple")
    w, b = (v.reshape(())[()] if isinstance(v, np.ndarray) and v.size == 1 else v for v in got[:2])
    return np.array([expect_number(w, hint="triple"), expect_number(b, hint="triple")]), got[2]


def read_losses(losses, epochs):
    """losses as an array whose first axis has one entry per epoch; a column of them is flattened."""
    losses = expect_array(losses, hint="triple")
    expect(losses.ndim > 0 and len(losses) == epochs, hint="losses_length")
    return losses.ravel() if losses.size == epochs else losses


# Follow-through. The reference keeps `fit_line` free of other tasks, but students may well call their own `mse` and
# `mse_gradient` in it, and a mistake there has been charged there. So wherever `fit_line` disagrees with the oracle,
# the functions below ask what descent with the student's own functions gives, and agreement with that is accepted. A
# `fit_line` that is wrong in itself agrees with neither.


def own_descent(student, x, y, learning_rate, epochs):
    """w and b by the student's own `mse_gradient`, or None when it cannot be asked."""
    w = b = 0.0
    try:
        with np.errstate(all="ignore"):
            for _ in range(epochs):
                gradient = np.asarray(student.call("mse_gradient", y, w * x + b), dtype=float)
                w, b = w - learning_rate * float(np.sum(gradient * x)), b - learning_rate * float(np.sum(gradient))
    except (StudentError, TypeError, ValueError):
        return None
    return np.array([w, b])


def own_losses(student, x, y, lines):
    """The student's own `mse` of every line (w, b), whatever its shape, or None when it cannot be asked."""
    try:
        return np.array([np.asarray(student.call("mse", y, w * x + b), dtype=float) for w, b in lines])
    except (StudentError, TypeError, ValueError):
        return None


def stumbles_over_columns(student, x, y):
    """Whether `fit_line` calls a `mse` or `mse_gradient` of the student's that itself trips over these shapes."""
    flat_x, flat_y = (np.ravel(np.asarray(values, dtype=float)) for values in (x, y))
    helpers = {function.name for function in student.tree("fit_line")}
    for name in sorted(helpers & {"mse", "mse_gradient"}):
        try:
            if not same(student.call(name, y, np.asarray(x, dtype=float)), student.call(name, flat_y, flat_x)):
                return True
        except StudentError:
            return True
    return False


# ---------------------------------------------------------------- mse: 3 points


@check(points=0.5, task="mse", es="El ejemplo trabajado de la clase da el valor correcto.")
def test_mse_lecture_example(student):
    """The worked example from the lecture gives the right value."""
    y_true, y_pred = [4, 1, 4, 2, 0], [3, 3, 4, 3, 3]
    got = expect_number(student.call("mse", y_true, y_pred), hint="one_number")
    expect_close(got, 3.0, rtol=RTOL, mistaken=wrong_mse(np.array(y_true, float), np.array(y_pred, float)))


@check(points=0.5, task="mse", es="El valor es correcto en muestras nuevas, largas y cortas.")
def test_mse_new_samples(student, rng):
    """The value is right on new samples, long and short."""
    for n in (40, 7):
        y_true = rng.uniform(-5, 5, n)
        y_pred = y_true + rng.uniform(0.5, 2.5, n) * rng.permutation(np.where(np.arange(n) % 3 == 0, -1, 1))
        got = expect_number(student.call("mse", y_true, y_pred), hint="one_number")
        expect_close(got, true_mse(y_true, y_pred), rtol=RTOL, atol=ATOL, mistaken=wrong_mse(y_true, y_pred))
    # A single sample has a mean too; formulas that differ only in the divisor are told apart above.
    got = expect_number(student.call("mse", np.array([2.5]), np.array([-1.5])), hint="one_number")
    expect_close(got, 16.0, rtol=RTOL, mistaken={"absolute": 4.0, "root": 4.0, "half": 8.0})


@check(points=0.25, task="mse", es="Crece con el cuadrado de los errores y es simétrico.")
def test_mse_quadratic_law(student, rng):
    """It grows with the square of the errors and is symmetric."""
    y_true = rng.uniform(1, 9, 15)
    y_pred = y_true + rng.uniform(0.5, 3.0, 15) * rng.choice((-1, 1, 1), 15) + 0.5
    base = expect_number(student.call("mse", y_true, y_pred), hint="one_number")
    expect(base > 0, hint="law")
    tripled = expect_number(student.call("mse", 3 * y_true, 3 * y_pred), hint="one_number")
    expect_close(tripled, 9 * base, rtol=1e-4, hint="law", mistaken={"linear_law": 3 * base})
    expect_close(student.call("mse", y_pred, y_true), base, rtol=1e-4, hint="law")
    expect_close(student.call("mse", y_true, y_true), 0.0, atol=ATOL, hint="law")


@check(points=0.5, task="mse", es="Columnas (n, 1), vectores (n,) y listas dan un solo número, siempre el mismo.")
def test_mse_column_against_row(student, rng):
    """Columns (n, 1), vectors (n,) and lists give one number, always the same."""
    y_true, y_pred = rng.uniform(-4, 4, 9), rng.uniform(-4, 4, 9)
    plain = expect_number(student.call("mse", y_true, y_pred), hint="one_number")
    table = float(np.mean((y_true[:, None] - y_pred) ** 2))
    for a, b in spellings(y_true, y_pred):
        got = expect_number(student.call("mse", a, b), hint="columns")
        expect_close(got, plain, rtol=RTOL, atol=ATOL, hint="columns", mistaken={"table": table})


@check(points=0.5, task="mse", es="Los enteros, también los pequeños como uint8, dan lo mismo que los floats.")
def test_mse_integer_samples(student, rng):
    """Integers, small ones such as uint8 included, give the same as floats."""
    y_true, y_pred = rng.integers(0, 120, 16), rng.integers(0, 120, 16)
    y_true[:4] += 130  # far apart in both directions, so that both the difference and its square leave uint8
    y_pred[4:8] += 130
    plain = expect_number(student.call("mse", y_true.astype(float), y_pred.astype(float)), hint="one_number")
    for kind in (np.int64, np.uint8):
        got = expect_number(student.call("mse", y_true.astype(kind), y_pred.astype(kind)), hint="one_number")
        expect_close(got, plain, rtol=RTOL, hint="uint8")


@check(points=0.25, task="mse", es="Una muestra vacía se rechaza con ValueError.")
def test_mse_refuses_empty(student):
    """An empty sample is refused with ValueError."""
    expect_raises(student, "ValueError", "mse", [], [], hint="empty")
    expect_raises(student, "ValueError", "mse", np.empty((0, 1)), np.empty(0), hint="empty")


@check(points=0.25, task="mse", es="Dos muestras de tamaño distinto se rechazan con ValueError.")
def test_mse_refuses_sizes(student, rng):
    """Two samples of different size are refused with ValueError."""
    expect_raises(student, "ValueError", "mse", [1.0, 2.0, 3.0], [1.0, 2.0], hint="sizes")
    expect_raises(student, "ValueError", "mse", rng.normal(size=6), rng.normal(size=1), hint="sizes")
    expect_raises(student, "ValueError", "mse", rng.normal(size=(5, 1)), rng.normal(size=4), hint="sizes")


@check(points=0.25, task="mse", es="Un millón de puntos tarda menos de un segundo.")
def test_mse_many_points(student, rng):
    """A million points take less than a second."""
    got = expect_fast(student, "mse", rng.random(MILLION), rng.random(MILLION))
    expect_number(got, hint="one_number")


# ---------------------------------------------------------------- mse_gradient: 2 points


@check(points=0.5, task="mse_gradient", es="El gradiente del ejemplo de la clase es correcto.")
def test_gradient_lecture_example(student):
    """The gradient of the lecture's example is right."""
    y_true, y_pred = [4, 1, 4, 2, 0], [3, 3, 4, 3, 3]
    got = expect_array(student.call("mse_gradient", y_true, y_pred), (5,), hint="gradient_shape")
    wrong = wrong_gradient(np.array(y_true, float), np.array(y_pred, float))
    expect_close(got, np.array([-0.4, 0.8, 0.0, 0.4, 1.2]), rtol=RTOL, atol=ATOL, hint="gradient", mistaken=wrong)


@check(points=0.5, task="mse_gradient", es="El gradiente es la pendiente del MSE medida con diferencias finitas.")
def test_gradient_measured_slope(student, rng):
    """The gradient is the slope of the MSE as measured by finite differences."""
    for n in (6, 25):
        y_true, y_pred = rng.uniform(-5, 5, n), rng.uniform(-5, 5, n)
        got = expect_array(student.call("mse_gradient", y_true, y_pred), (n,), hint="gradient_shape")
        wrong = wrong_gradient(y_true, y_pred)
        expect_close(got, slope(y_true, y_pred), rtol=1e-4, atol=ATOL, hint="gradient", mistaken=wrong)


@check(points=0.5, task="mse_gradient", es="Columnas, vectores y listas dan el mismo gradiente de forma (n,).")
def test_gradient_column_against_row(student, rng):
    """Columns, vectors and lists give the same gradient of shape (n,)."""
    y_true, y_pred = rng.uniform(-4, 4, 8), rng.uniform(-4, 4, 8)
    plain = expect_array(student.call("mse_gradient", y_true, y_pred), (8,), hint="gradient_shape")
    for a, b in spellings(y_true, y_pred):
        got = student.call("mse_gradient", a, b)
        expect(np.shape(got) != (8, 8) if isinstance(got, np.ndarray) else True, hint="table")
        got = expect_array(got, (8,), hint="gradient_shape")
        expect_close(got, plain, rtol=RTOL, atol=ATOL, hint="columns")


@check(points=0.25, task="mse_gradient", es="Los enteros, también uint8, dan el mismo gradiente que los floats.")
def test_gradient_integer_samples(student, rng):
    """Integers, uint8 included, give the same gradient as floats."""
    y_true, y_pred = rng.integers(0, 120, 10), rng.integers(0, 120, 10)
    y_true[:4] += 130
    y_pred[4:8] += 130
    plain = expect_array(
        student.call("mse_gradient", y_true.astype(float), y_pred.astype(float)), (10,), hint="gradient_shape"
    )
    for kind in (np.int64, np.uint8):
        got = expect_array(
            student.call("mse_gradient", y_true.astype(kind), y_pred.astype(kind)), (10,), hint="gradient_shape"
        )
        expect_close(got, plain, rtol=RTOL, atol=ATOL, hint="uint8")


@check(points=0.25, task="mse_gradient", es="Un millón de puntos tarda menos de un segundo.")
def test_gradient_many_points(student, rng):
    """A million points take less than a second."""
    got = expect_fast(student, "mse_gradient", rng.random(MILLION), rng.random(MILLION))
    expect_array(got, (MILLION,), hint="gradient_shape")


# ---------------------------------------------------------------- min_max_scale: 1 point


@check(points=0.25, task="min_max_scale", es="Cada columna va de 0 a 1, con lo demás en proporción.")
def test_min_max_unit_range(student, rng):
    """Every column runs from 0 to 1, the rest in proportion."""
    for table in (table_of(rng), rng.permutation(np.arange(1, 22) ** 2).reshape(7, 3)):
        low, high = table.min(axis=0), table.max(axis=0)
        want = (table - low) / (high - low)
        with np.errstate(all="ignore"):
            wrong = {
                "deck": (table - low) / (table - high),
                "whole_table": (table - table.min()) / (table.max() - table.min()),
                "rows": (table - table.min(axis=1, keepdims=True)) / np.ptp(table, axis=1, keepdims=True),
                "by_max": table / high,
                "symmetric": 2 * want - 1,
                "inverted": 1 - want,
            }
        # Integers travel as a list of lists, floats as an array.
        got = student.call("min_max_scale", table if table.dtype == float else table.tolist())
        for hint, value in wrong.items():  # not `mistaken=`: the deck's formula has infinities, which are never close
            expect(not same(got, value), hint=hint)
        got = expect_array(got, table.shape, hint="min_max")
        expect_close(got, want, rtol=RTOL, atol=ATOL, hint="min_max")


@check(points=0.25, task="min_max_scale", es="Una columna constante se convierte en 0.")
def test_min_max_flat_column(student, rng):
    """A constant column becomes 0."""
    judge_constant_columns(student, "min_max_scale", rng)


@check(points=0.25, task="min_max_scale", es="La tabla de entrada queda intacta.")
def test_min_max_input_untouched(student, rng):
    """The table that is passed in stays as it was."""
    table = table_of(rng)
    call = student.observe("min_max_scale", table.copy())
    expect(not call.exceptions, hint="table_shape")
    expect_shape(call.value, table.shape, hint="table_shape")
    expect_unchanged(call, table, hint="mutated")


@check(points=0.25, task="min_max_scale", es="Un millón de valores tarda menos de un segundo.")
def test_min_max_many_values(student, rng):
    """A million values take less than a second."""
    got = expect_fast(student, "min_max_scale", rng.random((MILLION // 4, 4)))
    expect_shape(got, (MILLION // 4, 4), hint="table_shape")


def judge_constant_columns(student, name, rng):
    """Constant columns become 0, beside columns that vary and alone; what becomes of the others is judged elsewhere."""
    table, constant = constant_table(rng)
    for x, columns in ((table, constant), (table.astype(int), constant), (np.full((6, 1), 4.0), [0])):
        try:
            got = np.asarray(student.call(name, x), dtype=float)  # not `expect_array`: nan gets its own hint below
        except (TypeError, ValueError):
            expect(False, hint="table_shape")
        expect(got.shape == x.shape, hint="table_shape")
        got = got[:, columns]
        expect(bool(np.isfinite(got).all()), hint="not_finite")
        expect_close(got, np.zeros(got.shape), atol=1e-6, hint="constant")


# ---------------------------------------------------------------- standardize: 1 point


@check(points=0.25, task="standardize", es="Cada columna queda centrada: media 0, y todo en proporción.")
def test_standardize_centre(student, rng):
    """Every column is centred: mean 0, and all in proportion."""
    for table in (table_of(rng), rng.permutation(np.arange(1, 22) ** 2).reshape(7, 3)):
        got = student.call("standardize", table if table.dtype == float else table.tolist())
        expect(not same(got, (table - table.mean()) / table.std()), hint="whole_table")
        rows = (table - table.mean(axis=1, keepdims=True)) / table.std(axis=1, keepdims=True)
        expect(not same(got, rows), hint="rows")
        got = expect_array(got, table.shape, hint="table_shape")
        spread = float(np.max(np.abs(got)))
        expect(bool(np.all(np.abs(got.mean(axis=0)) <= ATOL * max(spread, 1.0))), hint="not_centred")
        for before, after in zip(table.T, got.T, strict=True):
            # Proportion, whatever the divisor: after = (before − mean) · c with one c > 0 per column.
            centred = before - before.mean()
            c = float(after @ centred / (centred @ centred))
            expect(c > 0 and same(after, c * centred, atol=1e-4 * spread), hint="not_in_proportion")


@check(points=0.25, task="standardize", es="Cada columna tiene desviación típica poblacional 1.")
def test_standardize_spread(student, rng):
    """Every column has population standard deviation 1."""
    table = table_of(rng, rows=8)
    centred, deviation = table - table.mean(axis=0), table.std(axis=0)
    got = expect_array(student.call("standardize", table), table.shape, hint="table_shape")
    wrong = {
        "sample": np.full(3, np.sqrt(7 / 8)),
        "variance": 1 / deviation,
        "only_centred": deviation,
        "whole_table": (centred / table.std()).std(axis=0),
    }
    expect_close(got.std(axis=0), np.ones(3), rtol=1e-4, hint="spread", mistaken=wrong)


@check(points=0.25, task="standardize", es="Una columna constante se convierte en 0.")
def test_standardize_flat_column(student, rng):
    """A constant column becomes 0."""
    judge_constant_columns(student, "standardize", rng)


@check(points=0.25, task="standardize", es="Un millón de valores tarda menos de un segundo.")
def test_standardize_many_values(student, rng):
    """A million values take less than a second."""
    got = expect_fast(student, "standardize", rng.random((MILLION // 4, 4)))
    expect_shape(got, (MILLION // 4, 4), hint="table_shape")


# ---------------------------------------------------------------- fit_line: 3 points


@check(points=1, task="fit_line", es="Tras unas pocas épocas, w y b están donde los deja el descenso del gradiente.")
def test_fit_line_first_steps(student, rng):
    """After a few epochs w and b are where gradient descent leaves them."""
    x = rng.uniform(0.5, 2.0, 15)  # not centred: only then does the order of the two updates show
    y = rng.uniform(1.5, 3.0) * x - rng.uniform(0.5, 1.5) + rng.normal(0, 0.3, 15)
    rate, epochs = 0.07, 5
    want = descend(x, y, rate, epochs)
    got, _ = read_fit(student.call("fit_line", x, y, rate, epochs))
    if not same(got, want):
        own = own_descent(student, x, y, rate, epochs)
        if own is None or not same(got, own, rtol=1e-4):
            wrong = {
                "new_w": descend(x, y, rate, epochs, new_w=True),
                "ascent": descend(x, y, -rate, epochs),
                "half_step": descend(x, y, rate, epochs, factor=1.0),
                "sum_step": descend(x, y, rate, epochs, total=True),
                "one_more": descend(x, y, rate, epochs + 1),
                "one_less": descend(x, y, rate, epochs - 1),
                "no_bias": descend(x, y, rate, epochs, bias=False),
                "swapped": want[::-1],
            }
            expect_close(got, want, rtol=RTOL, atol=ATOL, hint="trajectory", mistaken=wrong)


@check(points=0.5, task="fit_line", es="Con puntos de una recta exacta y épocas de sobra, la encuentra.")
def test_fit_line_finds_line(student, rng):
    """Given points on an exact line and plenty of epochs, it finds that line."""
    x = rng.normal(size=20)
    x = (x - x.mean()) / x.std()
    w, b = rng.uniform(1, 3), rng.uniform(-3, -1)
    y = w * x + b
    rate, epochs = 0.25, 40
    got, _ = read_fit(student.call("fit_line", x, y, rate, epochs))
    want = np.array([w, b])
    if not same(got, want, rtol=0, atol=2e-3):
        own = own_descent(student, x, y, rate, epochs)
        if own is None or not same(got, own, rtol=1e-3):
            expect_close(got, want, rtol=0, atol=2e-3, hint="not_reached", mistaken={"swapped": want[::-1]})


@check(points=0.5, task="fit_line", es="losses guarda el MSE de cada época, tomado antes de actualizar.")
def test_fit_line_losses_before(student, rng):
    """losses holds the MSE of every epoch, taken before the update."""
    x = rng.uniform(0.5, 2.0, 12)
    y = 2.5 * x + 1.0 + rng.normal(0, 0.3, 12)
    rate, epochs = 0.05, 4
    # The lines are the student's own, so that a mistaken update costs nothing here.
    lines = [np.zeros(2)]
    for k in range(1, epochs + 1):
        line, losses = read_fit(student.call("fit_line", x, y, rate, k))
        lines.append(line)
    losses = read_losses(losses, epochs)
    true = np.array([true_mse(y, w * x + b) for w, b in lines])
    before, after = true[:-1], true[1:]
    if same(losses, before) or same(losses, own_losses(student, x, y, lines[:-1])):
        return
    expect(not same(losses, own_losses(student, x, y, lines[1:])), hint="after_update")
    wrong = {"after_update": after, "half": before / 2, "root": np.sqrt(before), "sum": before * x.size}
    wrong["absolute"] = np.array([np.mean(np.abs(w * x + b - y)) for w, b in lines[:-1]])
    expect_close(losses, before, rtol=RTOL, atol=ATOL, hint="losses", mistaken=wrong)


@check(points=0.5, task="fit_line", es="Respeta la tasa de aprendizaje y el número de épocas que recibe.")
def test_fit_line_obeys_settings(student, rng):
    """It obeys the learning rate and the number of epochs that it is given."""
    x, y = rng.uniform(0.5, 2.0, 10), rng.uniform(3.0, 6.0, 10)
    once, losses = read_fit(student.call("fit_line", x, y, 0.02, 1))
    read_losses(losses, 1)
    twice, _ = read_fit(student.call("fit_line", x, y, 0.04, 1))
    # Only w: its first step is the same whether or not b waits for it.
    expect(abs(once[0]) > 1e-9, hint="rate")
    expect_close(twice[0], 2 * once[0], rtol=1e-4, hint="rate")
    _, losses = read_fit(student.call("fit_line", x, y, 0.02, 7))
    read_losses(losses, 7)


@check(points=0.5, task="fit_line", es="Columnas, listas y enteros dan la misma recta que los vectores de floats.")
def test_fit_line_column_against_row(student, rng):
    """Columns, lists and integers give the same line as vectors of floats."""
    x = rng.permutation(np.arange(1, 10))
    y = 3 * x - 4 + rng.integers(-2, 3, 9)
    rate, epochs = 0.01, 3
    plain, plain_losses = read_fit(student.call("fit_line", x.astype(float), y.astype(float), rate, epochs))
    plain_losses = np.ravel(expect_array(plain_losses, hint="triple"))
    for a, b in (*spellings(x.astype(float), y.astype(float)), (x, y), (x.tolist(), y.tolist())):
        try:
            line, losses = read_fit(student.call("fit_line", a, b, rate, epochs))
            expect(same(line, plain), hint="fit_columns")
            expect(same(np.ravel(expect_array(losses, hint="triple")), plain_losses), hint="fit_columns")
        except (StudentError, CheckFailed):
            if not stumbles_over_columns(student, a, b):
                raise
