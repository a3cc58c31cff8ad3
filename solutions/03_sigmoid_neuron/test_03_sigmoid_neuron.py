"""Hidden grader of 03_sigmoid_neuron: step, sigmoid, derivative, neuron, cross-entropy, training.

Every check judges one idea, so that one misconception is charged once. Checks of a formula ask for the values all at
once and, should that fail, one by one: shapes have a check of their own, which compares the student's answers with
each other. What the contract leaves open (bools for 1 and 0, the type of `losses`, how far the clipped cross-entropy
goes at p = 0 or 1, warnings outside `sigmoid`, float32) is not judged.
"""

import numpy as np

from autograder.checks import CheckFailed, Text, check, expect, expect_array, expect_close, expect_number
from autograder.errors import StudentError

RTOL, ATOL = 1e-5, 1e-6  # wide enough for answers computed in float32 or with p clipped at 1e-7

HINTS = {
    # shapes and kinds of answers, several tasks
    "numbers": Text(
        es="Se piden números corrientes y finitos: ni texto, ni None (¿falta return?), ni nan.",
        en="Ordinary finite numbers are asked for: no text, no None (is return missing?), no nan.",
    ),
    "scalar": Text(
        es="Con un solo número debe salir un solo número, no un array de un elemento.",
        en="A single number must give a single number, not an array of one element.",
    ),
    "any_shape": Text(
        es="Debe salir la misma forma que entra, con los mismos valores elemento a elemento: listas, enteros, vectores "
        "y tablas. Convierte a un array de floats al empezar y usa funciones de NumPy, no de math.",
        en="The shape that goes in must come out, with the same values element by element: lists, integers, vectors "
        "and tables. Convert to an array of floats first and use NumPy's functions, not those of math.",
    ),
    "one_per_row": Text(
        es="Una muestra (d,) pide un número y una tabla (n, d) pide un array (n,), una respuesta por fila, también con "
        "listas y enteros, y sean cuantas sean las filas y columnas.",
        en="One sample (d,) asks for a number and a table (n, d) for an array (n,), one answer per row, with lists and "
        "integers too, whatever the number of rows and columns.",
    ),
    "no_bias": Text(
        es="Parece que falta el sesgo: es w·x + b, y b desplaza la frontera.",
        en="The bias seems to be missing: it is w·x + b, and b shifts the boundary.",
    ),
    "minus_bias": Text(
        es="Parece que restas el sesgo: es w·x + b.",
        en="You seem to subtract the bias: it is w·x + b.",
    ),
    "unweighted": Text(
        es="Parece que sumas las entradas sin sus pesos: cada entrada se multiplica por su w antes de sumar.",
        en="You seem to add the inputs without their weights: every input is multiplied by its w before adding.",
    ),
    # sigmoid
    "mirrored": Text(
        es="Es la S vista en un espejo, 1/(1 + exp(z)), como en la diapositiva: falta el menos de exp(−z). Con z grande "
        "la sigmoide debe acercarse a 1.",
        en="This is the S seen in a mirror, 1/(1 + exp(z)), as on the lecture slide: exp(−z) lost its minus. For large z "
        "the sigmoid must come close to 1.",
    ),
    "tanh": Text(
        es="Parece la tangente hiperbólica, que va de −1 a 1: la sigmoide va de 0 a 1.",
        en="This looks like the hyperbolic tangent, which runs from −1 to 1: the sigmoid runs from 0 to 1.",
    ),
    "bracket": Text(
        es="Parece 1/1 + exp(−z): el denominador entero, 1 + exp(−z), va entre paréntesis.",
        en="This looks like 1/1 + exp(−z): the whole denominator, 1 + exp(−z), belongs in brackets.",
    ),
    "half_steep": Text(
        es="La pendiente no es la debida: el exponente es −z, sin ningún factor.",
        en="The steepness is not right: the exponent is −z, without any factor.",
    ),
    "sigmoid": Text(
        es="Los valores no son los de 1/(1 + exp(−z)). Prueba con z = 0, 1, −1 y 7.",
        en="The values are not those of 1/(1 + exp(−z)). Try z = 0, 1, −1 and 7.",
    ),
    "symmetry": Text(
        es="La sigmoide cumple σ(−z) = 1 − σ(z), y la tuya no.",
        en="The sigmoid satisfies σ(−z) = 1 − σ(z), yours does not.",
    ),
    "rising": Text(
        es="La sigmoide crece siempre: a mayor z, mayor probabilidad. La tuya baja en algún sitio.",
        en="The sigmoid always rises: the larger z, the larger the probability. Yours falls somewhere.",
    ),
    "flat": Text(
        es="La sigmoide sube poco a poco, sin tramos planos cerca del cero: eso parece un escalón.",
        en="The sigmoid rises little by little, with no flat stretch near zero: this looks like a step.",
    ),
    "overflow": Text(
        es="Lejos del cero se desborda una exponencial. Usa solo exponentes negativos (exp(−|z|) nunca se desborda) y "
        "recuerda que np.where calcula las dos ramas enteras.",
        en="Far from zero an exponential overflows. Use negative exponents only (exp(−|z|) never overflows), and remember "
        "that np.where computes both branches in full.",
    ),
    "not_finite": Text(
        es="Lejos del cero sale nan o infinito: has dividido infinito entre infinito. Usa solo exponentes negativos.",
        en="Far from zero you get nan or infinity: infinity was divided by infinity. Use negative exponents only.",
    ),
    "far_out": Text(
        es="Muy lejos del cero el valor ya no debe cambiar: sigue donde estaba en z = ±40.",
        en="Very far from zero the value must not change any more: it stays where it was at z = ±40.",
    ),
    # sigmoid_derivative
    "fed_z": Text(
        es="Has calculado z·(1 − z). La fórmula s·(1 − s) es para la salida s = σ(z); aquí lo que llega es z.",
        en="You computed z·(1 − z). The formula s·(1 − s) is for the output s = σ(z); what arrives here is z.",
    ),
    "no_complement": Text(
        es="Eso es la propia sigmoide: falta el factor 1 − σ(z).",
        en="This is the sigmoid itself: the factor 1 − σ(z) is missing.",
    ),
    "only_complement": Text(
        es="Eso es 1 − σ(z): falta el factor σ(z).",
        en="This is 1 − σ(z): the factor σ(z) is missing.",
    ),
    "slope_sign": Text(
        es="El signo está al revés: la sigmoide sube, su derivada es positiva.",
        en="The sign is turned: the sigmoid rises, its derivative is positive.",
    ),
    "slope_tanh": Text(
        es="Parece la derivada de tanh, 1 − tanh², o 1 − σ²: la de la sigmoide es σ·(1 − σ).",
        en="This looks like the derivative of tanh, 1 − tanh², or 1 − σ²: that of the sigmoid is σ·(1 − σ).",
    ),
    "twice": Text(
        es="Parece que aplicas la sigmoide dos veces: lo que llega es z, no σ(z), y basta con aplicarla una.",
        en="You seem to apply the sigmoid twice: what arrives is z, not σ(z), and once is enough.",
    ),
    "derivative": Text(
        es="No coincide con la pendiente de la sigmoide. Mídela: (σ(z + h) − σ(z − h)) / 2h con h pequeño.",
        en="This is not the slope of the sigmoid. Measure it: (σ(z + h) − σ(z − h)) / 2h with a small h.",
    ),
    "hill": Text(
        es="La derivada es una colina: igual a ambos lados del cero, con su cima de 1/4 en z = 0, nunca negativa, y casi "
        "plana muy lejos.",
        en="The derivative is a hill: alike on both sides of zero, with its top of 1/4 at z = 0, never negative, and "
        "almost flat far out.",
    ),
    # step_neuron
    "half_cut": Text(
        es="Cortas en 0,5: el escalón corta la suma w·x + b en 0. El 0,5 es para probabilidades.",
        en="You cut at 0.5: the step cuts the sum w·x + b at 0. The 0.5 is for probabilities.",
    ),
    "plus_minus": Text(
        es="Se piden 1 y 0, no 1 y −1.",
        en="1 and 0 are asked for, not 1 and −1.",
    ),
    "turned": Text(
        es="Está al revés: 1 donde w·x + b es positivo, 0 donde es negativo.",
        en="It is the wrong way round: 1 where w·x + b is positive, 0 where it is negative.",
    ),
    "no_step": Text(
        es="Eso es la suma w·x + b, o una probabilidad: falta el escalón, que solo responde 1 o 0.",
        en="This is the sum w·x + b, or a probability: the step is missing, which answers only 1 or 0.",
    ),
    "step": Text(
        es="La respuesta debe ser 1 donde w·x + b ≥ 0 y 0 en los demás casos. Hazlo a mano con una muestra.",
        en="The answer must be 1 where w·x + b ≥ 0 and 0 elsewhere. Do it by hand for one sample.",
    ),
    "strict": Text(
        es="Justo en la frontera, w·x + b = 0, la respuesta es 1: la comparación es >=, no >.",
        en="Right on the border, w·x + b = 0, the answer is 1: the comparison is >=, not >.",
    ),
    # neuron
    "linear": Text(
        es="Eso es la suma w·x + b: falta pasarla por la sigmoide.",
        en="This is the sum w·x + b: it still has to pass through the sigmoid.",
    ),
    "hard": Text(
        es="Eso es el escalón del perceptrón: se pide la sigmoide de la suma, una probabilidad.",
        en="This is the perceptron's step: the sigmoid of the sum is asked for, a probability.",
    ),
    "neuron": Text(
        es="La respuesta no es la sigmoide de w·x + b. Calcula z a mano para una muestra y compáralo.",
        en="The answer is not the sigmoid of w·x + b. Compute z by hand for one sample and compare.",
    ),
    "same_sum": Text(
        es="Dos muestras con la misma suma w·x + b deben tener la misma respuesta, y con sumas distintas, distinta. "
        "Comprueba que cada entrada lleva su peso y que el sesgo entra en la suma.",
        en="Two samples with the same sum w·x + b must have the same answer, and with different sums a different one. "
        "Check that every input carries its weight and that the bias enters the sum.",
    ),
    # binary_cross_entropy
    "minus": Text(
        es="Falta el signo menos, como en la diapositiva: el logaritmo de una probabilidad es negativo, y una entropía "
        "cruzada nunca lo es.",
        en="The minus sign is missing, as on the lecture slide: the logarithm of a probability is negative, a "
        "cross-entropy never is.",
    ),
    "sum": Text(
        es="Parece la suma de las sorpresas: falta dividir entre el número de muestras.",
        en="This looks like the sum of the surprises: it still has to be divided by the number of samples.",
    ),
    "ones_only": Text(
        es="Solo cuentas las muestras con y = 1: falta el término (1 − y)·log(1 − p).",
        en="You only count the samples with y = 1: the term (1 − y)·log(1 − p) is missing.",
    ),
    "zeros_only": Text(
        es="Solo cuentas las muestras con y = 0: falta el término y·log(p).",
        en="You only count the samples with y = 0: the term y·log(p) is missing.",
    ),
    "mixed_up": Text(
        es="Los dos términos están cambiados: y va con log(p), y 1 − y con log(1 − p).",
        en="The two terms are mixed up: y goes with log(p), and 1 − y with log(1 − p).",
    ),
    "other_base": Text(
        es="Parece un logaritmo en otra base: se usa el natural, np.log.",
        en="This looks like a logarithm of another base: the natural one is used, np.log.",
    ),
    "squared": Text(
        es="Parece el error cuadrático medio: se pide la entropía cruzada, con logaritmos.",
        en="This looks like the mean squared error: cross-entropy is asked for, with logarithms.",
    ),
    "one_number": Text(
        es="Se pide un solo número finito: la media sobre todas las muestras. Si sale un array, falta la media.",
        en="One finite number is asked for: the mean over all samples. If you get an array, the mean is missing.",
    ),
    "cross_entropy": Text(
        es="No es la media de −[y·log(p) + (1 − y)·log(1 − p)]. Hazlo a mano con dos muestras.",
        en="This is not the mean of −[y·log(p) + (1 − y)·log(1 − p)]. Do it by hand for two samples.",
    ),
    "clipped": Text(
        es="Cuando p se acerca a 0 o a 1 el resultado se aleja del debido: recortas demasiado. Con 1e-7 basta.",
        en="As p comes close to 0 or 1 the result departs from what it should be: you clip too much. 1e-7 is enough.",
    ),
    "log_zero": Text(
        es="Con p exactamente 0 o 1 el resultado no es finito: log(0) es −inf y 0·inf es nan. Recorta p por los dos lados "
        "(y con algo mayor que 1e-16: por debajo, 1 − ε es 1).",
        en="With p exactly 0 or 1 the result is not finite: log(0) is −inf and 0·inf is nan. Clip p at both ends (and by "
        "more than 1e-16: below that, 1 − ε is 1).",
    ),
    "mean_law": Text(
        es="Repetir todas las muestras no debe cambiar el resultado: es una media, no una suma.",
        en="Repeating all samples must not change the result: it is a mean, not a sum.",
    ),
    "laws": Text(
        es="Con p = 0,5 para todos sale log 2 sea cual sea la verdad; cambiar a la vez y por 1 − y y p por 1 − p no cambia "
        "nada; y acercar p a la verdad hace bajar el resultado. Comprueba estas tres propiedades.",
        en="With p = 0.5 for all it is log 2 whatever the truth; changing y to 1 − y and p to 1 − p together changes "
        "nothing; and moving p towards the truth lowers the result. Try these three properties.",
    ),
    # train_neuron
    "triple": Text(
        es="Se piden tres cosas en este orden: w, b y losses, todas de números finitos.",
        en="Three things are asked for, in this order: w, b and losses, all made of finite numbers.",
    ),
    "w_shape": Text(
        es="w debe tener forma (d,), un peso por columna de x.",
        en="w must have shape (d,), one weight per column of x.",
    ),
    "b_scalar": Text(
        es="b debe ser un solo número, no un array.",
        en="b must be a single number, not an array.",
    ),
    "ascent": Text(
        es="Subes en lugar de bajar: se resta el gradiente, y el gradiente lleva p − y, no y − p.",
        en="You climb instead of descending: the gradient is subtracted, and the gradient has p − y, not y − p.",
    ),
    "sum_step": Text(
        es="Cada paso es n veces demasiado grande: el gradiente es una media, no una suma.",
        en="Every step is n times too large: the gradient is a mean, not a sum.",
    ),
    "squared_gradient": Text(
        es="Es el descenso del error cuadrático: en el de la entropía cruzada el factor p(1 − p) se cancela y queda "
        "(p − y)·x.",
        en="This is descent on the squared error: in that of cross-entropy the factor p(1 − p) cancels and (p − y)·x is "
        "left.",
    ),
    "two": Text(
        es="Cada paso es el doble de lo debido: el 2 es del error cuadrático, aquí no hay ningún cuadrado que derivar.",
        en="Every step is twice as long as it should be: the 2 belongs to the squared error, there is no square here.",
    ),
    "bias_stays": Text(
        es="b se queda en 0: también hay que actualizarlo, con la media de p − y.",
        en="b stays at 0: it has to be updated too, with the mean of p − y.",
    ),
    "new_w": Text(
        es="b se actualiza con la w que acabas de cambiar: calcula antes los dos gradientes con los valores viejos.",
        en="b is updated with the w that you have just changed: compute both gradients from the old values first.",
    ),
    "one_by_one": Text(
        es="Actualizas muestra a muestra: en cada época se da una sola actualización, con la media de todas.",
        en="You update sample by sample: every epoch takes a single update, with the mean over all of them.",
    ),
    "one_more": Text(
        es="Das una actualización de más: cada época da exactamente una.",
        en="You take one update too many: every epoch takes exactly one.",
    ),
    "one_less": Text(
        es="Das una actualización de menos: cada época da exactamente una, la última también.",
        en="You take one update too few: every epoch takes exactly one, the last one too.",
    ),
    "step_activation": Text(
        es="Parece la regla del perceptrón, con escalón: el descenso usa la probabilidad p = σ(w·x + b).",
        en="This looks like the perceptron's rule, with its step: descent uses the probability p = σ(w·x + b).",
    ),
    "trajectory": Text(
        es="Tras unas pocas épocas w y b no están donde los deja el descenso desde ceros. Haz a mano el primer paso con "
        "dos muestras y compáralo: p = 0,5 para todas, y el gradiente es la media de (p − y)·x.",
        en="After a few epochs w and b are not where descent from zeros leaves them. Do the first step by hand on two "
        "samples and compare: p = 0.5 for all, and the gradient is the mean of (p − y)·x.",
    ),
    "not_learned": Text(
        es="Con dos grupos de alumnos que casi no se mezclan y épocas de sobra, la neurona no los separa como debería. "
        "Mira tus pérdidas: si crecen, revisa el signo; si se estancan, revisa que b también aprenda.",
        en="On two groups that hardly mix and with plenty of epochs, the neuron does not separate them as it should. Look "
        "at your losses: if they grow, check the sign; if they stall, check that b learns too.",
    ),
    "losses_length": Text(
        es="losses debe tener exactamente un valor por época: apunta la pérdida una vez en cada vuelta.",
        en="losses must hold exactly one value per epoch: note the loss once per turn.",
    ),
    "after_update": Text(
        es="Apuntas la pérdida después de actualizar: cada valor se toma antes, así el primero es log 2.",
        en="You note the loss after the update: every value is taken before it, so that the first is log 2.",
    ),
    "losses": Text(
        es="Cada valor de losses debe ser la entropía cruzada media de la neurona tal como era justo antes de esa "
        "actualización; el primero, con w y b a cero, es log 2.",
        en="Every entry of losses must be the mean cross-entropy of the neuron as it was just before that update; the "
        "first, with w and b at zero, is log 2.",
    ),
    "rate": Text(
        es="Desde ceros, el doble de tasa es un primer paso el doble de largo, y el tuyo no. Mira si usas learning_rate y "
        "si empiezas en w = 0 y b = 0.",
        en="From zeros, twice the rate is a first step twice as long, and yours is not. Check that you use learning_rate "
        "and start at w = 0 and b = 0.",
    ),
    "train_lists": Text(
        es="Los mismos datos como listas o como enteros deben dar lo mismo: convierte x e y a arrays de floats al empezar.",
        en="The same data as lists or integers must give the same: convert x and y to arrays of floats first.",
    ),
}


# ---------------------------------------------------------------- oracles


def true_sigmoid(z):
    """The logistic sigmoid of an array."""
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-np.asarray(z, dtype=float)))


def true_slope(z, step=1e-4):
    """The sigmoid's derivative by central differences."""
    return (true_sigmoid(z + step) - true_sigmoid(z - step)) / (2 * step)


def true_loss(y, p):
    """Mean binary cross-entropy for p inside (0, 1)."""
    return float(np.mean(np.where(y == 1, -np.log(p), -np.log(1 - p))))


def wrong_loss(y, p):
    """What the known misconceptions make of it."""
    ones, zeros = -y * np.log(p), -(1 - y) * np.log(1 - p)
    right = float(np.mean(ones + zeros))
    return {
        "minus": -right,
        "sum": right * y.size,
        "ones_only": float(np.mean(ones)),
        "zeros_only": float(np.mean(zeros)),
        "mixed_up": float(np.mean(-(1 - y) * np.log(p) - y * np.log(1 - p))),
        "squared": float(np.mean((p - y) ** 2)),
    }


def descend(x, y, learning_rate, epochs, *, gain=1.0, squared=0.0, bias=True, new_w=False, single=False, step=False):
    """(w…, b) after descent on cross-entropy from zeros; the keywords are misconceptions."""
    w, b = np.zeros(x.shape[1]), 0.0
    answer = (lambda z: (z >= 0).astype(float)) if step else true_sigmoid
    for _ in range(epochs):
        for rows in np.arange(len(y)).reshape(-1, 1) if single else [np.arange(len(y))]:
            p = answer(x[rows] @ w + b)
            factor = gain * (squared * p * (1 - p) if squared else 1.0)
            next_w = w - learning_rate * np.mean(((p - y[rows]) * factor)[:, None] * x[rows], axis=0)
            if new_w:
                p = answer(x[rows] @ next_w + b)
            if bias:
                b = b - learning_rate * float(np.mean((p - y[rows]) * factor))
            w = next_w
    return np.append(w, b)


# ---------------------------------------------------------------- helpers


def same(got, want, rtol=RTOL, atol=ATOL):
    """Whether two arrays of numbers agree, shapes included."""
    try:
        got, want = np.asarray(got, dtype=float), np.asarray(want, dtype=float)
    except (TypeError, ValueError):
        return False
    return got.shape == want.shape and np.allclose(got, want, rtol=rtol, atol=atol)


def lone(got):
    """A single number, however it is wrapped: bools and arrays of one element count."""
    try:
        value = np.asarray(got, dtype=float).ravel()
    except (TypeError, ValueError):
        raise CheckFailed("numbers") from None
    expect(value.size == 1 and np.isfinite(value).all(), hint="numbers")
    return float(value[0])


def each(student, name, samples, *rest):
    """One answer per entry (or row) of `samples`, asked for all at once or, should that fail, one by one."""
    call = student.observe(name, samples, *rest)
    if not call.exceptions:
        try:
            got = np.asarray(call.value, dtype=float)
        except (TypeError, ValueError):
            got = np.empty(0)
        if got.size == len(samples) and np.isfinite(got).all():
            return got.ravel()
    # `tolist` would turn a row into a list, and lists are judged elsewhere.
    return np.array([lone(student.call(name, float(s) if np.ndim(s) == 0 else s, *rest)) for s in samples])


def own_sigmoid(student, z):
    """The student's own sigmoid of a flat array, or None when it cannot be asked.

    The reference keeps the tasks apart, but students may well call their own functions, and a mistake in one has been
    charged there. So wherever an answer disagrees with the oracle, the checks ask what the student's own functions give,
    and agreement with that is accepted. An answer that is wrong in itself agrees with neither.
    """
    try:
        return each(student, "sigmoid", z)
    except (StudentError, CheckFailed):
        return None


def stumbles(student, task, helpers, *args):
    """Whether `task` calls one of `helpers`, the student's own, that fails by itself when asked for `args`.

    A helper of one argument fails as well when the shape that goes in does not come out.
    """
    used = {function.name for function in student.tree(task)} - {task}
    for name in sorted(used & set(helpers)):
        try:
            got = expect_array(np.asarray(student.call(name, *args), dtype=float))
            expect(len(args) > 1 or got.shape == np.shape(args[0]))
        except (StudentError, CheckFailed, TypeError, ValueError):
            return True
    return False


def points(rng, n, d):
    """A table (n, d), weights and a bias, as floats that are multiples of 1/8: sums of their products are exact."""
    x = rng.integers(-16, 17, (n, d)) / 8
    w = rng.choice([-1, 1], d) * rng.integers(6, 17, d) / 8
    return x, w, float(rng.choice([-1, 1]) * rng.integers(6, 13) / 8)


def read_fit(got, d):
    """The line (w…, b) as one array and losses, as `train_neuron` returned them, forgiving about their shapes."""
    expect(isinstance(got, tuple | list) and len(got) == 3, hint="triple")
    w = expect_array(got[0], hint="triple").ravel()
    expect(w.size == d, hint="w_shape")
    b = expect_array(got[1], hint="triple").ravel()
    expect(b.size == 1, hint="b_scalar")
    return np.append(w, b), got[2]


def read_losses(losses, epochs):
    """losses as an array with one entry per epoch."""
    losses = expect_array(losses, hint="triple").ravel()
    expect(losses.size == epochs, hint="losses_length")
    return losses


def own_descents(student, x, y, learning_rate, epochs):
    """(w…, b) by descent with the student's own `neuron` and with their own `sigmoid`, as far as they can be asked."""
    for name in ("neuron", "sigmoid"):
        w, b = np.zeros(x.shape[1]), 0.0
        try:
            for _ in range(epochs):
                args = (x, w, b) if name == "neuron" else (x @ w + b,)
                error = each(student, name, *args) - y
                w, b = w - learning_rate * x.T @ error / y.size, b - learning_rate * float(np.mean(error))
        except (StudentError, CheckFailed):
            continue
        yield np.append(w, b)


def own_losses(student, x, y, lines):
    """Losses along `lines` for every mixture of our functions and the student's own, as far as they can be asked."""
    answers = [[true_sigmoid(x @ line[:-1] + line[-1]) for line in lines]]
    for name in ("neuron", "sigmoid"):
        try:
            answers.append(
                [
                    each(
                        student, name, *((x, line[:-1], line[-1]) if name == "neuron" else (x @ line[:-1] + line[-1],))
                    )
                    for line in lines
                ]
            )
        except (StudentError, CheckFailed):
            continue
    for ps in answers:
        clipped = [np.clip(p, 1e-7, 1 - 1e-7) for p in ps]
        yield np.array([true_loss(y, p) for p in clipped])
        try:
            yield np.array([np.asarray(student.call("binary_cross_entropy", y, p), dtype=float) for p in ps])
        except (StudentError, TypeError, ValueError):
            continue


# ---------------------------------------------------------------- step_neuron: 1 point


@check(points=0.5, task="step_neuron", es="Responde 1 donde w·x + b es positivo y 0 donde es negativo.")
def test_step_both_sides(student, rng):
    """It answers 1 where w·x + b is positive and 0 where it is negative."""
    for d in (2, 5):
        x, w, b = points(rng, 60, d)
        z = x @ w + b
        x, z = x[z != 0], z[z != 0]
        # One sample between 0 and 0.5, whatever was drawn, and one where the bias decides.
        x = np.vstack([x, [(0.25 - b) / w[0]] + [0.0] * (d - 1), [-b / (2 * w[0])] + [0.0] * (d - 1)])
        z = np.append(z, [0.25, b / 2])
        got = each(student, "step_neuron", x, w, b)
        want = (z >= 0).astype(float)
        wrong = {
            "half_cut": (z >= 0.5).astype(float),
            "plus_minus": np.sign(z),
            "turned": 1 - want,
            "no_bias": (z - b >= 0).astype(float),
            "minus_bias": (z - 2 * b >= 0).astype(float),
            "unweighted": (x.sum(axis=1) + b >= 0).astype(float),
        }
        if not same(got, want):
            expect(set(np.unique(got)) <= {-1.0, 0.0, 1.0}, hint="no_step")
        expect_close(got, want, hint="step", mistaken=wrong)


@check(points=0.25, task="step_neuron", es="Justo en la frontera, donde w·x + b vale 0, responde 1.")
def test_step_on_border(student, rng):
    """Right on the border, where w·x + b is 0, it answers 1."""
    for _ in range(3):
        # Whole numbers, so that the sum is exactly 0 in any order.
        w = rng.choice([-1, 1], 3) * rng.integers(1, 9, 3)
        x = rng.choice([-1, 1], (6, 3)) * rng.integers(1, 9, (6, 3))
        for row in x:
            b = -int(row @ w)
            got = each(student, "step_neuron", row[None].astype(float), w.astype(float), float(b))
            expect(got[0] == 1, hint="strict")


@check(
    points=0.25, task="step_neuron", es="Una muestra da un número y una tabla, uno por fila; valen listas y enteros."
)
def test_step_sample_and_table(student, rng):
    """One sample gives a number and a table one per row; lists and integers will do."""
    judge_rows(student, "step_neuron", rng)


def judge_rows(student, name, rng, helpers=()):
    """Shapes of `step_neuron` and `neuron`: the answers are compared with the student's own to single rows of floats."""
    for n, d in ((5, 3), (1, 4), (3, 3), (4, 1)):
        x = rng.integers(-6, 7, (n, d))
        w = rng.choice([-1, 1], d) * rng.integers(2, 6, d)
        b = int(rng.choice([-1, 1]) * 1)
        x[x @ w + b == 0] += 1
        x = x[x @ w + b != 0]
        n = len(x)
        if n == 0:
            continue
        plain = each(student, name, x.astype(float), w.astype(float), float(b))
        tables = ((x.astype(float), w.astype(float)), (x, w), (x.tolist(), w.tolist()))
        for table, weights in tables:
            try:
                got = student.call(name, table, weights, b)
                expect(np.shape(got) == (n,) and same(got, plain), hint="one_per_row")
                got = student.call(name, table[0], weights, b)
                expect(np.size(got) == 1 and same(np.ravel(got), plain[:1]), hint="one_per_row")
            except (StudentError, CheckFailed):
                z = x @ w + b
                if not stumbles(student, name, helpers, z) and not stumbles(student, name, helpers, float(z[0])):
                    raise


# ---------------------------------------------------------------- sigmoid: 2 points


@check(points=0.5, task="sigmoid", es="Los valores son los de la sigmoide, a ambos lados del cero.")
def test_sigmoid_values(student, rng):
    """The values are those of the sigmoid, on both sides of zero."""
    z = np.concatenate([[0.0, 7.0, -7.0, 1.0], rng.uniform(-6, 6, 20)])
    want = true_sigmoid(z)
    wrong = {
        "mirrored": 1 - want,
        "tanh": np.tanh(z),
        "bracket": 1 + np.exp(-z),
        "half_steep": true_sigmoid(2 * z),
    }
    got = each(student, "sigmoid", z)
    expect(not same(got, np.tanh(z / 2)), hint="tanh")
    expect(not same(got, true_sigmoid(z / 2)), hint="half_steep")
    expect_close(got, want, rtol=RTOL, atol=ATOL, hint="sigmoid", mistaken=wrong)


@check(points=0.5, task="sigmoid", es="Crece siempre, y σ(−z) = 1 − σ(z).")
def test_sigmoid_rising_symmetric(student, rng):
    """It always rises, and σ(−z) = 1 − σ(z)."""
    z = np.sort(rng.uniform(0.2, 6, 15))
    z = z[np.concatenate([[True], np.diff(z) > 0.01])]
    got = each(student, "sigmoid", np.concatenate([-z[::-1], z]))
    steps = np.diff(got)
    expect(not np.all(steps < 0), hint="mirrored")
    expect(bool(np.all(steps >= -ATOL)), hint="rising")
    expect(bool(np.all(steps > 0)), hint="flat")
    expect_close(got[: z.size][::-1], 1 - got[z.size :], rtol=0, atol=1e-5, hint="symmetry")


@check(points=0.5, task="sigmoid", es="Con números enormes no se desborda: ni avisos, ni nan.")
def test_sigmoid_huge(student, rng):
    """Huge numbers do not make it overflow: no warnings, no nan."""
    sizes = np.array([300.0, 800.0, 1e4, float(rng.integers(1000, 9999))])
    z = np.concatenate([-sizes, sizes])
    call = student.observe("sigmoid", z)
    # One by one as well: for scalars NumPy is silent where Python's own `math` raises.
    calls = [student.observe("sigmoid", float(s)) for s in z]
    values = []
    for one in calls:
        expect("OverflowError" not in one.exceptions and "RuntimeWarning" not in one.warnings, hint="overflow")
        if not one.exceptions:
            values.append(one.value)
    if not call.exceptions:
        expect("RuntimeWarning" not in call.warnings, hint="overflow")
        values = call.value
    elif len(values) < z.size:
        student.call("sigmoid", z)  # raises in words: it can be asked neither way
    try:
        got = np.asarray(values, dtype=float).ravel()
    except (TypeError, ValueError):
        raise CheckFailed("numbers") from None
    expect(got.size == z.size, hint="numbers")
    expect(bool(np.isfinite(got).all()), hint="not_finite")
    # Compared with the student's own values where exp is still tame, so that a wrong formula is charged once.
    near = each(student, "sigmoid", np.array([-40.0, 40.0]))
    expect_close(got, np.repeat(near, sizes.size), rtol=0, atol=ATOL, hint="far_out")


@check(points=0.5, task="sigmoid", es="Sale la forma que entra: números, listas, enteros y arrays de cualquier forma.")
def test_sigmoid_any_shape(student, rng):
    """The shape that goes in comes out: numbers, lists, integers and arrays of any shape."""
    judge_shapes(student, "sigmoid", rng, "scalar")


def judge_shapes(student, name, rng, scalar_hint, helpers=()):
    """Shapes of `sigmoid` and its derivative, compared with the student's own values of a flat array of floats."""
    whole = rng.permutation(np.arange(-6, 7))[:6]
    plain = each(student, name, whole.astype(float))
    inputs = (
        whole.astype(float),
        whole,
        whole.tolist(),
        whole.reshape(2, 3).astype(float),
        whole.reshape(2, 3).tolist(),
        whole.reshape(3, 1, 2).astype(float),
        whole[:1].astype(float),
    )
    for z in inputs:
        want = plain[: np.size(z)].reshape(np.shape(z))
        try:
            got = student.call(name, z)
            expect(same(got, want), hint="any_shape")
        except (StudentError, CheckFailed):
            if not stumbles(student, name, helpers, z):
                raise
    for z in (float(whole[0]), int(whole[0]), np.float64(whole[0])):
        try:
            got = student.call(name, z)
            expect(np.shape(got) == (), hint=scalar_hint)
            expect(same(expect_number(got, hint=scalar_hint), plain[0]), hint="any_shape")
        except (StudentError, CheckFailed):
            if not stumbles(student, name, helpers, z):
                raise


# ---------------------------------------------------------------- sigmoid_derivative: 1 point


@check(points=0.5, task="sigmoid_derivative", es="Es la pendiente de la sigmoide respecto de z.")
def test_derivative_measured(student, rng):
    """It is the slope of the sigmoid with respect to z."""
    z = np.concatenate([[0.0, 1.0, -2.0], rng.uniform(-5, 5, 20)])
    s, want = true_sigmoid(z), true_slope(z)
    got = each(student, "sigmoid_derivative", z)
    if same(got, want):
        return
    own = own_sigmoid(student, z)
    if own is not None and same(got, own * (1 - own)):
        return
    expect(not same(got, 1 - np.tanh(z) ** 2), hint="slope_tanh")
    wrong = {
        "fed_z": z * (1 - z),
        "no_complement": s,
        "only_complement": 1 - s,
        "slope_sign": -want,
        "slope_tanh": 1 - s**2,
        "twice": true_sigmoid(s) * (1 - true_sigmoid(s)),
    }
    expect_close(got, want, rtol=RTOL, atol=ATOL, hint="derivative", mistaken=wrong)


@check(
    points=0.25, task="sigmoid_derivative", es="Es una colina simétrica con la cima en 1/4, plana muy lejos del cero."
)
def test_derivative_hill(student, rng):
    """It is a symmetric hill with its top at 1/4, flat far from zero."""
    z = np.sort(rng.uniform(0.3, 5, 12))
    z = z[np.concatenate([[True], np.diff(z) > 0.01])]
    samples = np.concatenate([z, -z, [0.0, 35.0, -35.0]])
    got = each(student, "sigmoid_derivative", samples)
    right, left, (top, *far) = got[: z.size], got[z.size : 2 * z.size], got[2 * z.size :]
    holds = (
        same(right, left, atol=1e-5)
        and abs(top - 0.25) < 1e-5
        and bool(np.all(right > 0) and np.all(np.diff(right) < 0) and np.all(right < top))
        and bool(np.all(np.abs(far) < 1e-5))
    )
    if not holds:
        own = own_sigmoid(student, samples)
        expect(own is not None and same(got, own * (1 - own)), hint="fed_z" if same(top, 0.0) else "hill")


@check(points=0.25, task="sigmoid_derivative", es="Sale la forma que entra: números, listas, enteros y tablas.")
def test_derivative_any_shape(student, rng):
    """The shape that goes in comes out: numbers, lists, integers and tables."""
    judge_shapes(student, "sigmoid_derivative", rng, "scalar", helpers=("sigmoid",))


# ---------------------------------------------------------------- neuron: 1 point


@check(points=0.5, task="neuron", es="La respuesta es la sigmoide de w·x + b.")
def test_neuron_probability(student, rng):
    """The answer is the sigmoid of w·x + b."""
    for d in (2, 4):
        x, w, b = points(rng, 20, d)
        z = x @ w + b
        got, want = each(student, "neuron", x, w, b), true_sigmoid(z)
        if same(got, want):
            continue
        own = own_sigmoid(student, z)
        if own is not None and same(got, own):
            continue
        wrong = {
            "no_bias": true_sigmoid(z - b),
            "minus_bias": true_sigmoid(z - 2 * b),
            "mirrored": 1 - want,
            "linear": z,
            "hard": (z >= 0).astype(float),
            "unweighted": true_sigmoid(x.sum(axis=1) + b),
            "tanh": np.tanh(z),
        }
        expect_close(got, want, rtol=RTOL, atol=ATOL, hint="neuron", mistaken=wrong)


@check(points=0.25, task="neuron", es="Solo cuenta la suma w·x + b: a igual suma, igual respuesta; a otra suma, otra.")
def test_neuron_only_sum(student, rng):
    """Only the sum w·x + b counts: same sum, same answer; another sum, another answer."""
    x, w, b = points(rng, 8, 3)
    z = np.sort(rng.uniform(-2.5, 2.5, 8))
    x[:, 0] = (z - b - x[:, 1:] @ w[1:]) / w[0]
    got = each(student, "neuron", x, w, b)
    # The same sums from a single input, once carried by the weight and once by the bias.
    alone = each(student, "neuron", (z - 0.75)[:, None], np.array([1.0]), 0.75)
    moved = np.array(
        [lone(student.call("neuron", np.array([1.5]), np.array([2.0]), float(each_z) - 3)) for each_z in z]
    )
    expect_close(alone, got, rtol=1e-4, atol=1e-5, hint="same_sum")
    expect_close(moved, got, rtol=1e-4, atol=1e-5, hint="same_sum")
    other = each(student, "neuron", np.zeros((1, 3)), w, -1.0) - each(student, "neuron", np.zeros((1, 3)), w, 1.0)
    expect(abs(float(other[0])) > 1e-3, hint="same_sum")


@check(points=0.25, task="neuron", es="Una muestra da un número y una tabla, uno por fila; valen listas y enteros.")
def test_neuron_sample_and_table(student, rng):
    """One sample gives a number and a table one per row; lists and integers will do."""
    judge_rows(student, "neuron", rng, helpers=("sigmoid",))


# ---------------------------------------------------------------- binary_cross_entropy: 2 points


@check(points=0.5, task="binary_cross_entropy", es="En unas pocas muestras hechas a mano, el valor es correcto.")
def test_entropy_by_hand(student):
    """On a few samples done by hand, the value is right."""
    for y, p in (([1, 0, 1, 0, 1], [0.9, 0.9, 0.3, 0.2, 0.6]), ([1, 1], [0.4, 0.7]), ([0], [0.25])):
        got = expect_number(student.call("binary_cross_entropy", y, p), hint="one_number")
        judge_entropy(got, np.array(y, dtype=float), np.array(p))


@check(points=0.5, task="binary_cross_entropy", es="En muestras nuevas, también con probabilidades casi seguras.")
def test_entropy_new_samples(student, rng):
    """On new samples, near-certain probabilities included."""
    for n in (30, 7):
        y = (np.arange(n) % 3 == 0).astype(float)
        p = rng.uniform(0.05, 0.95, n)
        got = expect_number(student.call("binary_cross_entropy", y, p), hint="one_number")
        judge_entropy(got, y, p)
    y, p = np.array([1.0, 0.0, 1.0]), np.array([2e-4, 0.9995, 0.5])
    got = expect_number(student.call("binary_cross_entropy", y, p), hint="one_number")
    right = true_loss(y, p)
    # Wider: an ε of 1e-7 added inside the logarithm moves it a little here.
    expect_close(got, right, rtol=1e-3, hint="clipped", mistaken={"minus": -right, "sum": 3 * right})


def judge_entropy(got, y, p):
    right = true_loss(y, p)
    expect(not same(got, right / np.log(2)) and not same(got, right / np.log(10)), hint="other_base")
    expect_close(got, right, rtol=RTOL, atol=ATOL, hint="cross_entropy", mistaken=wrong_loss(y, p))


@check(points=0.5, task="binary_cross_entropy", es="Es finita aunque p sea exactamente 0 o 1.")
def test_entropy_certain(student, rng):
    """It is finite even when p is exactly 0 or 1."""
    middle = rng.uniform(0.2, 0.8)
    for y, p in (
        ([1.0, 0.0, 1.0], [1.0, middle, 0.4]),
        ([1.0, 0.0, 1.0], [0.4, 0.0, middle]),
        ([1.0, 0.0, 0.0], [0.0, middle, 0.4]),
        ([1.0, 0.0, 1.0], [middle, 1.0, 0.4]),
    ):
        got = student.call("binary_cross_entropy", np.array(y), np.array(p))
        try:
            values = np.asarray(got, dtype=float)
        except (TypeError, ValueError):
            raise CheckFailed("one_number") from None
        # An array is no answer, but that is charged where values are judged.
        expect(values.size > 0 and bool(np.isfinite(values).all()), hint="log_zero")


@check(
    points=0.5,
    task="binary_cross_entropy",
    es="Es una media de sorpresas: log 2 si p = 0,5, simétrica, y baja al acertar.",
)
def test_entropy_surprise(student, rng):
    """It is a mean of surprises: log 2 if p = 0.5, symmetric, and lower for better answers."""

    def ask(y, p):
        return expect_number(student.call("binary_cross_entropy", y, p), hint="one_number")

    y, p = rng.permutation([0.0, 1.0, 1.0, 0.0, 1.0, 1.0, 0.0]), rng.uniform(0.1, 0.9, 7)
    once = ask(y, p)
    expect_close(ask(np.tile(y, 3), np.tile(p, 3)), once, rtol=1e-4, hint="mean_law")
    expect(once >= 0, hint="minus")
    expect_close(ask(y, np.full(7, 0.5)), np.log(2), rtol=1e-4, hint="laws")
    expect_close(ask(1 - y, 1 - p), once, rtol=1e-4, hint="laws")
    expect(ask(y, 0.7 * p + 0.3 * y) < once, hint="laws")


# ---------------------------------------------------------------- train_neuron: 3 points


@check(points=1, task="train_neuron", es="Tras unas pocas épocas, w y b están donde los deja el descenso desde ceros.")
def test_train_first_steps(student, rng):
    """After a few epochs w and b are where descent from zeros leaves them."""
    x = rng.uniform(0.3, 2.0, (12, 3)) * (1.0, -1.0, 1.0)  # not centred: only then does the order of the updates show
    y = rng.permutation([1.0] * 8 + [0.0] * 4)
    rate, epochs = 0.4, 4
    want = descend(x, y, rate, epochs)
    got, _ = read_fit(student.call("train_neuron", x, y, rate, epochs), 3)
    if same(got, want, rtol=1e-4, atol=1e-5):
        return
    if any(same(got, own, rtol=1e-4, atol=1e-5) for own in own_descents(student, x, y, rate, epochs)):
        return
    wrong = {
        "ascent": descend(x, y, -rate, epochs),
        "sum_step": descend(x, y, rate, epochs, gain=len(y)),
        "two": descend(x, y, rate, epochs, gain=2),
        "squared_gradient": descend(x, y, rate, epochs, squared=2),
        "bias_stays": descend(x, y, rate, epochs, bias=False),
        "new_w": descend(x, y, rate, epochs, new_w=True),
        "one_by_one": descend(x, y, rate, epochs, single=True),
        "one_more": descend(x, y, rate, epochs + 1),
        "one_less": descend(x, y, rate, epochs - 1),
        "step_activation": descend(x, y, rate, epochs, step=True),
    }
    expect(not same(got, descend(x, y, rate, epochs, squared=1), atol=1e-5), hint="squared_gradient")
    expect_close(got, want, rtol=1e-4, atol=1e-5, hint="trajectory", mistaken=wrong)


@check(points=0.5, task="train_neuron", es="Con épocas de sobra separa dos grupos que casi no se mezclan.")
def test_train_learns(student, rng):
    """With plenty of epochs it separates two groups that hardly mix."""
    y = np.repeat([0.0, 1.0], 12)
    # Both groups lie on one side of the origin, so that no boundary through it will do.
    x = (np.where(y == 1, 2.0, 1.0) + rng.uniform(-0.3, 0.3, y.size))[:, None]
    rate, epochs = 0.5, 400
    got, _ = read_fit(student.call("train_neuron", x, y, rate, epochs), 1)
    # Not the trajectory, which is judged above: whether it learns.
    if np.mean((x @ got[:-1] + got[-1] >= 0) == y) < 0.95:
        own = own_descents(student, x, y, rate, epochs) if not_ours(student, x, y) else ()
        expect(any(same(got, line, rtol=1e-3, atol=1e-4) for line in own), hint="not_learned")


def reach(x, y, line):
    """The true loss of the neuron (w…, b)."""
    return true_loss(y, np.clip(true_sigmoid(x @ line[:-1] + line[-1]), 1e-9, 1 - 1e-9))


def not_ours(student, x, y):
    """Whether the student's own `neuron` or `sigmoid` leads elsewhere at all: asking for all epochs takes long."""
    want = descend(x, y, 1.0, 5)
    return any(not same(own, want, rtol=1e-4) for own in own_descents(student, x, y, 1.0, 5))


@check(
    points=0.5, task="train_neuron", es="losses guarda la entropía cruzada de cada época, tomada antes de actualizar."
)
def test_train_losses(student, rng):
    """losses holds the cross-entropy of every epoch, taken before the update."""
    x = rng.uniform(0.3, 1.5, (10, 2))
    y = rng.permutation([1.0] * 7 + [0.0] * 3)
    rate, epochs = 0.3, 4
    # The lines are the student's own, so that a mistaken update costs nothing here.
    lines, losses = [np.zeros(3)], None
    for k in range(1, epochs + 1):
        line, losses = read_fit(student.call("train_neuron", x, y, rate, k), 2)
        lines.append(line)
    losses = read_losses(losses, epochs)
    before, after = (np.array([reach(x, y, line) for line in some]) for some in (lines[:-1], lines[1:]))
    if same(losses, before, rtol=1e-4):
        return
    if any(same(losses, own, rtol=1e-4) for own in own_losses(student, x, y, lines[:-1])):
        return
    ps = [true_sigmoid(x @ line[:-1] + line[-1]) for line in lines[:-1]]
    wrong = {
        "after_update": after,
        "minus": -before,
        "sum": before * y.size,
        "squared": np.array([np.mean((p - y) ** 2) for p in ps]),
    }
    expect_close(losses, before, rtol=1e-4, atol=ATOL, hint="losses", mistaken=wrong)


@check(points=0.5, task="train_neuron", es="Respeta la tasa de aprendizaje y el número de épocas que recibe.")
def test_train_settings(student, rng):
    """It obeys the learning rate and the number of epochs that it is given."""
    x = rng.uniform(0.5, 2.0, (8, 2))
    y = rng.permutation([1.0] * 6 + [0.0] * 2)
    once, losses = read_fit(student.call("train_neuron", x, y, 1e-4, 1), 2)
    read_losses(losses, 1)
    twice, _ = read_fit(student.call("train_neuron", x, y, 2e-4, 1), 2)
    # Tiny rates, so that what goes wrong within an epoch, or an epoch too many, is not charged here again.
    expect(bool(np.max(np.abs(once)) > 1e-6), hint="rate")
    expect_close(twice, 2 * once, rtol=0.02, atol=1e-8, hint="rate")
    _, losses = read_fit(student.call("train_neuron", x, y, 0.05, 6), 2)
    read_losses(losses, 6)


@check(points=0.5, task="train_neuron", es="w tiene un peso por columna y b es un número; valen listas y enteros.")
def test_train_kinds(student, rng):
    """w has one weight per column and b is a number; lists and integers will do."""
    for d in (3, 1):
        x = rng.integers(-3, 4, (8, d))
        x[0], x[1] = 2, -1
        y = np.array([1, 0, 1, 1, 0, 1, 1, 0])
        plain, _ = read_fit(student.call("train_neuron", x.astype(float), y.astype(float), 0.1, 3), d)
        for table, truth in ((x.astype(float), y.astype(float)), (x, y), (x.tolist(), y.tolist())):
            try:
                got = student.call("train_neuron", table, truth, 0.1, 3)
            except StudentError:
                # Their own helpers, given the very lists, may be what fails; that has been charged there.
                if stumbles(student, "train_neuron", ("neuron",), table, [0.0] * d, 0.0):
                    continue
                raise
            line, _ = read_fit(got, d)
            expect(np.shape(got[0]) == (d,), hint="w_shape")
            expect(np.shape(got[1]) == (), hint="b_scalar")
            expect_close(line, plain, rtol=1e-4, atol=1e-6, hint="train_lists")
