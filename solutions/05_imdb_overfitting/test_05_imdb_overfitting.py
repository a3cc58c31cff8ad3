"""Hidden grader of 05_imdb_overfitting.

Networks are judged from their config and by what they compute; early stopping on data small enough for one step per epoch, so
that NumPy knows every epoch's loss beforehand. Wherever two misconceptions could meet in one check, the student's own answers to
two inputs that must be treated alike are compared, so that each of them costs its own points only.
"""

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np

from autograder.checks import (
    CheckFailed,
    Text,
    check,
    expect,
    expect_array,
    expect_at_least,
    expect_close,
    expect_integer,
    expect_number,
)
from autograder.errors import StudentError

TRAINING_SECONDS = 90
"""A check trains at most twice, which takes 2 s on an idle machine; one busy with other work is given its time."""

HINTS = {
    # Multi-hot rows
    "table": Text(
        es="El resultado no tiene una fila por lista y una columna por índice: forma (n, dimension).",
        en="The result does not have one row per list and one column per index: shape (n, dimension).",
    ),
    "shifted": Text(
        es="Las marcas están corridas un lugar: el índice 0 es la columna 0.",
        en="The marks are off by one place: index 0 is column 0.",
    ),
    "last_missing": Text(
        es="La última lista se queda sin codificar: mira hasta dónde llega el bucle.",
        en="The last list is left without marks: look at where the loop ends.",
    ),
    "marks": Text(
        es="Hay palabras sin marcar o columnas marcadas de más.",
        en="Some words are not marked, or some columns are marked that should not be.",
    ),
    "counts": Text(
        es="Una palabra repetida cambia la fila: se anota si aparece, no cuántas veces.",
        en="A repeated word changes the row: note whether it occurs, not how often.",
    ),
    "far": Text(
        es="Un índice igual o mayor que dimension no se ignora: no tiene casilla, ni la última ni ninguna.",
        en="An index equal to or above dimension is not ignored: it has no slot, neither the last one nor any other.",
    ),
    "not_float32": Text(
        es="El array no es de tipo float32: dilo con dtype al crearlo.",
        en="The array is not of type float32: say so with dtype when you create it.",
    ),
    "empty": Text(
        es="Una lista vacía debe dar una fila de ceros.",
        en="An empty list should give a row of zeros.",
    ),
    "object_array": Text(
        es="Con el array de listas que da Keras no sale lo mismo que con una lista de listas.",
        en="The array of lists that Keras gives does not come out like a list of lists.",
    ),
    # The network
    "one_hidden": Text(
        es="Falta una capa oculta: se piden dos, y después la de salida.",
        en="A hidden layer is missing: two are asked for, and then the output layer.",
    ),
    "many_hidden": Text(
        es="Sobra alguna capa oculta: se piden dos, y después la de salida.",
        en="There is a hidden layer too many: two are asked for, and then the output layer.",
    ),
    "other_layers": Text(
        es="Hay capas que no son Dense; la red de partida solo tiene tres Dense.",
        en="There are layers other than Dense; the baseline has just three Dense layers.",
    ),
    "units": Text(
        es="Alguna capa oculta no tiene 16 neuronas.",
        en="Some hidden layer does not have 16 units.",
    ),
    "linear_hidden": Text(
        es="Una capa oculta no lleva activación, así que se funde con la siguiente: ponle ReLU.",
        en="A hidden layer has no activation, so it melts into the next one: give it ReLU.",
    ),
    "not_relu": Text(
        es="La activación de las capas ocultas no es ReLU.",
        en="The activation of the hidden layers is not ReLU.",
    ),
    "several_outputs": Text(
        es="La red tiene más de una salida: basta la probabilidad de que la reseña sea favorable.",
        en="The network has more than one output: the probability that the review is favourable is enough.",
    ),
    "softmax": Text(
        es="softmax con una sola neurona da siempre 1: la salida lleva sigmoide.",
        en="softmax on a single unit always gives 1: the output takes a sigmoid.",
    ),
    "linear_output": Text(
        es="La salida no lleva activación y puede dar cualquier número: para una probabilidad hace falta sigmoide.",
        en="The output has no activation and can be any number: a probability needs a sigmoid.",
    ),
    "not_sigmoid": Text(
        es="La activación de la última capa no es la sigmoide.",
        en="The activation of the last layer is not the sigmoid.",
    ),
    "dimension": Text(
        es="La entrada no tiene dimension números: usa el argumento (10000 si no se da).",
        en="The input does not have dimension numbers: use the argument (10000 unless given).",
    ),
    "not_compiled": Text(
        es="El modelo no está compilado: llama a compile antes de devolverlo.",
        en="The model is not compiled: call compile before you return it.",
    ),
    "not_rmsprop": Text(
        es="El optimizador no es RMSprop.",
        en="The optimizer is not RMSprop.",
    ),
    "squared_error": Text(
        es="La pérdida es un error de regresión. Para una probabilidad de sí o no se usa la entropía cruzada binaria.",
        en="The loss is a regression error. A yes-or-no probability takes binary cross-entropy.",
    ),
    "categorical": Text(
        es="La entropía cruzada categórica es para una neurona de salida por clase; con una sola, usa la binaria.",
        en="Categorical cross-entropy is for one output unit per class; with a single unit, use the binary one.",
    ),
    "logits": Text(
        es="from_logits=True hace que la pérdida aplique otra sigmoide; tu salida ya la lleva.",
        en="from_logits=True makes the loss apply another sigmoid; your output already has one.",
    ),
    "no_metric": Text(
        es="La exactitud no está entre las métricas: pásala a compile con metrics.",
        en="Accuracy is not among the metrics: hand it to compile with metrics.",
    ),
    "learns_nothing": Text(
        es="Entrenada unas épocas, tu red apenas acierta reseñas nuevas: mira la tasa de aprendizaje, las activaciones "
        "y la pérdida.",
        en="Trained for a few epochs, your network hardly gets new reviews right: look at the learning rate, the "
        "activations and the loss.",
    ),
    # Reading a history
    "highest": Text(
        es="Es la época de la pérdida de validación más alta; se pide la más baja.",
        en="That is the epoch of the highest validation loss; the lowest is asked for.",
    ),
    "by_accuracy": Text(
        es="Es la época de la mejor exactitud de validación; se pide la de la pérdida de validación más baja.",
        en="That is the epoch of the best validation accuracy; the one of the lowest validation loss is asked for.",
    ),
    "by_training": Text(
        es="Es la época de la pérdida de entrenamiento más baja; se pide la de validación.",
        en="That is the epoch of the lowest training loss; the validation loss is asked for.",
    ),
    "not_lowest": Text(
        es="No es la época de la pérdida de validación más baja.",
        en="That is not the epoch of the lowest validation loss.",
    ),
    "zero_based": Text(
        es="Cuentas las épocas desde 0, como las posiciones de una lista; se cuentan desde 1.",
        en="You count epochs from 0, like places in a list; they are counted from 1.",
    ),
    "not_integer": Text(
        es="El número de una época es un entero.",
        en="The number of an epoch is an integer.",
    ),
    "two_forms": Text(
        es="La función no da lo mismo con un History que con su diccionario: tiene que valer para los dos.",
        en="The function does not give the same for a History and for its dictionary: it has to work for both.",
    ),
    "turned": Text(
        es="La resta va al revés: entrenamiento menos validación.",
        en="The subtraction is the wrong way round: training minus validation.",
    ),
    "absolute": Text(
        es="La brecha puede ser negativa: no le quites el signo.",
        en="The gap can be negative: do not take its sign away.",
    ),
    "losses": Text(
        es="Restas pérdidas; se piden exactitudes.",
        en="You subtract losses; accuracies are asked for.",
    ),
    "at_best": Text(
        es="La brecha que das es la de otra época; se pide la de la última.",
        en="The gap you give is that of another epoch; the last one is asked for.",
    ),
    "gap": Text(
        es="No es la exactitud de entrenamiento menos la de validación de la última época.",
        en="That is not the training accuracy minus the validation accuracy of the last epoch.",
    ),
    "short_name": Text(
        es="Con las claves acc y val_acc no sale lo mismo que con accuracy y val_accuracy.",
        en="With the keys acc and val_acc the result is not the same as with accuracy and val_accuracy.",
    ),
    # Early stopping
    "returns_model": Text(
        es="Devuelves el modelo. Se pide lo que devuelve fit, el History.",
        en="You return the model. What is asked for is what fit returns, the History.",
    ),
    "returns_dict": Text(
        es="Devuelves el diccionario; se pide el objeto History entero, tal como lo devuelve fit.",
        en="You return the dictionary; we ask for the whole History object, just as fit returns it.",
    ),
    "returns_nothing": Text(
        es="La función no devuelve nada: falta un return.",
        en="The function returns nothing: a return is missing.",
    ),
    "no_history": Text(
        es="Lo devuelto no es el History de fit, con su lista de pérdidas por época.",
        en="What is returned is not fit's History with its list of losses per epoch.",
    ),
    "not_trained": Text(
        es="El modelo recibido no se entrena: usa ese mismo objeto, no una copia ni otro nuevo.",
        en="The model handed in is not trained: use that very object, not a copy or a new one.",
    ),
    "no_validation": Text(
        es="No hay pérdida de validación: pasa x_val, y_val a fit.",
        en="There is no validation loss: hand x_val, y_val to fit.",
    ),
    "other_losses": Text(
        es="Las pérdidas por época no son las de este modelo con estos datos: entrena con x, y; mide en x_val, y_val; no "
        "vuelvas a compilar.",
        en="The losses per epoch are not those of this model on these data: train on x, y; measure on x_val, y_val; do not "
        "compile again.",
    ),
    "never_stops": Text(
        es="El entrenamiento no para aunque la pérdida de validación lleve muchas épocas subiendo: ¿qué vigilas?",
        en="Training does not stop although the validation loss has been rising for many epochs: what do you watch?",
    ),
    "patience": Text(
        es="No para cuando val_loss lleva patience épocas sin mejorar (2 si no se dice otra cosa): mira monitor y patience.",
        en="It does not stop when val_loss has not improved for patience epochs (2 by default): look at monitor and patience.",
    ),
    "last_weights": Text(
        es="El modelo se queda con los pesos de la última época, no con los de la mejor: hay que recuperarlos.",
        en="The model is left with the weights of the last epoch, not of the best one: they have to be brought back.",
    ),
    "other_weights": Text(
        es="El modelo no termina con los pesos de la época de menor val_loss.",
        en="The model does not end with the weights of the epoch of lowest val_loss.",
    ),
    "max_epochs": Text(
        es="Mientras no toca parar, se entrena exactamente max_epochs épocas (20 si no se dice otra cosa).",
        en="Unless it is time to stop, training takes exactly max_epochs epochs (20 by default).",
    ),
    "batch_size": Text(
        es="Los lotes no son de 512: dilo en fit con batch_size.",
        en="The batches are not of 512: say so in fit with batch_size.",
    ),
    "validates_on_training": Text(
        es="Mides la validación en los datos de entrenamiento: ahí el sobreajuste no se ve.",
        en="You measure validation on the training data: overfitting does not show there.",
    ),
    "other_validation": Text(
        es="La pérdida de validación no se mide en los x_val, y_val recibidos.",
        en="The validation loss is not measured on the x_val, y_val handed in.",
    ),
    "other_training": Text(
        es="No se entrena con todos los x, y recibidos y solo con ellos.",
        en="Training does not use all of the x, y handed in and nothing else.",
    ),
    # L2
    "no_penalty": Text(
        es="Ninguna capa oculta lleva regularizador en sus pesos (kernel).",
        en="No hidden layer has a regulariser on its weights (kernel).",
    ),
    "one_penalty": Text(
        es="Solo una de las dos capas ocultas lleva regularizador en sus pesos (kernel).",
        en="Only one of the two hidden layers has a regulariser on its weights (kernel).",
    ),
    "l1": Text(
        es="El regularizador es L1, que suma valores absolutos; se pide L2, que suma cuadrados.",
        en="The regulariser is L1, which sums absolute values; L2 is asked for, which sums squares.",
    ),
    "both": Text(
        es="El regularizador suma L1 y L2; se pide solo L2.",
        en="The regulariser adds L1 and L2; L2 alone is asked for.",
    ),
    "not_l2": Text(
        es="El regularizador no es L2.",
        en="The regulariser is not L2.",
    ),
    "factor": Text(
        es="El factor de la penalización no es el argumento l2 (0.001 si no se da).",
        en="The factor of the penalty is not the argument l2 (0.001 unless given).",
    ),
    "made_up": Text(
        es="Las pérdidas del History no son las de la red entrenada: devuelve lo que da fit, tal cual.",
        en="The losses in the History are not those of the trained network: return what fit gives, just as it is.",
    ),
    "not_in_losses": Text(
        es="La penalización no está en model.losses: el regularizador tiene que estar puesto al construir la capa.",
        en="The penalty is not in model.losses: the regulariser has to be there when the layer is built.",
    ),
    "wrong_sum": Text(
        es="Lo que suma model.losses no es la penalización de los regularizadores de la configuración.",
        en="What model.losses adds up to is not the penalty of the regularisers in the config.",
    ),
    "bias": Text(
        es="También penalizas los sesgos; L2 va solo en los pesos (kernel).",
        en="You penalise the biases as well; L2 goes on the weights (kernel) only.",
    ),
    "activity": Text(
        es="activity_regularizer penaliza la salida de la capa; L2 va en los pesos (kernel).",
        en="activity_regularizer penalises the output of the layer; L2 goes on the weights (kernel).",
    ),
}


# --- multi-hot rows --------------------------------------------------------------------------------------------------


def distinct_lists(rng, dimension, count=7):
    """Lists of different lengths, without repetitions, of indices below `dimension`; the first and the last index occur."""
    lengths = rng.permutation(np.arange(2, 2 + count))
    lists = [rng.choice(np.arange(1, dimension - 1), size=int(length), replace=False).tolist() for length in lengths]
    lists[0][0] = 0
    lists[1][-1] = dimension - 1
    lists[-1][0] = 0
    return lists


def encoded(got, rows):
    """What a student's function gave, as floats, if it is a table of `rows` rows."""
    table = expect_array(got, hint="table")
    expect(table.ndim == 2 and len(table) == rows, "table")
    return table.astype(float)


@check(
    points=0.5, task="vectorize_sequences", es="Hay un 1 en la columna de cada palabra de la lista y 0 en las demás."
)
def test_marks_each_word(student, rng):
    """There is a 1 in the column of each word of the list and 0 in the others."""
    dimension = int(rng.integers(50, 80))
    lists = distinct_lists(rng, dimension)
    want = np.zeros((len(lists), dimension))
    for row, words in zip(want, lists, strict=True):
        row[words] = 1
    got = encoded(student.call("vectorize_sequences", lists, dimension=dimension), len(lists))
    expect(got.shape == want.shape, "table")
    without_last = want.copy()
    without_last[-1] = 0
    mistaken = {"shifted": np.roll(want, -1, axis=1), "last_missing": without_last}
    expect_close(got, want, hint="marks", mistaken=mistaken)


@check(points=0.5, task="vectorize_sequences", es="Una palabra repetida se anota una sola vez.")
def test_repeated_words_count_once(student, rng):
    """A repeated word is noted only once."""
    dimension = int(rng.integers(50, 80))
    lists = distinct_lists(rng, dimension)
    repeated = [rng.permutation(words + words[:2] + words[:1]).tolist() for words in lists]
    once, more = (
        encoded(student.call("vectorize_sequences", given, dimension=dimension), len(lists))
        for given in (lists, repeated)
    )
    expect_close(more, once, hint="counts")


@check(points=0.5, task="vectorize_sequences", es="Los índices iguales o mayores que dimension se ignoran.")
def test_ignores_indices_beyond(student, rng):
    """Indices equal to or above dimension are ignored."""
    dimension = int(rng.integers(50, 80))
    lists = distinct_lists(rng, dimension)
    beyond = [[*words, dimension + int(rng.integers(1, 500))] for words in lists]
    beyond[0].append(dimension)
    beyond[2].insert(0, 10 * dimension)
    without = encoded(student.call("vectorize_sequences", lists, dimension=dimension), len(lists))
    call = student.observe("vectorize_sequences", beyond, dimension=dimension)
    expect(not call.exceptions, "far")
    expect_close(encoded(call.value, len(lists)), without, hint="far")


@check(
    points=0.25,
    task="vectorize_sequences",
    es="El resultado es un array (n, dimension) de float32, con dimension 10000 si no se da.",
)
def test_table_of_float32(student, rng):
    """The result is an array (n, dimension) of float32, with dimension 10000 unless given."""
    dimension = int(rng.integers(50, 80))
    lists = distinct_lists(rng, dimension)
    for got, width in (
        (student.call("vectorize_sequences", lists, dimension=dimension), dimension),
        (student.call("vectorize_sequences", lists), 10_000),
    ):
        expect(isinstance(got, np.ndarray) and got.dtype.kind in "biuf", "table")
        expect(got.shape == (len(lists), width), "table")
        expect(got.dtype == np.float32, "not_float32")


BOXED = """
import numpy as np

def boxed(function, lists, dimension):
    array = np.empty(len(lists), dtype=object)
    for place, words in enumerate(lists):
        array[place] = words
    return function(array, dimension=dimension)
"""


@check(
    points=0.25,
    task="vectorize_sequences",
    es="Vale también para el array de listas que da Keras, y una lista vacía da una fila de ceros.",
)
def test_keras_arrays_and_empty_lists(student, rng):
    """It also works for the array of lists that Keras gives, and an empty list gives a row of zeros."""
    dimension = int(rng.integers(50, 80))
    lists = distinct_lists(rng, dimension)
    plain = encoded(student.call("vectorize_sequences", lists, dimension=dimension), len(lists))
    function = student.value("vectorize_sequences")
    got = student.apply(student.helper(BOXED, "boxed"), function, lists, dimension)
    expect_close(encoded(got, len(lists)), plain, hint="object_array")
    call = student.observe("vectorize_sequences", [lists[0], [], lists[1]], dimension=dimension)
    expect(not call.exceptions, "empty")
    expect(not np.any(encoded(call.value, 3)[1]), "empty")


# --- the network 16-16-1 ---------------------------------------------------------------------------------------------


def require_hidden_layers(model):
    *hidden, _ = model.network or (None,)
    expect(all(node.kind == "Dense" for node in hidden), "other_layers")
    expect(len(hidden) >= 2, "one_hidden")
    expect(len(hidden) == 2, "many_hidden")
    expect([node.units for node in hidden] == [16, 16], "units")
    activations = {node.activation for node in hidden}
    expect("linear" not in activations, "linear_hidden")
    expect(activations == {"relu"}, "not_relu")


def require_sigmoid_output(model):
    expect(model.network, "linear_output")
    last = model.network[-1]
    expect((last.units or 1) == 1, "several_outputs")
    expect(last.activation != "softmax", "softmax")
    expect(last.activation != "linear", "linear_output")
    expect(last.activation == "sigmoid", "not_sigmoid")


def require_rmsprop(compiled):
    expect(compiled is not None, "not_compiled")
    expect(compiled.optimizer == "rmsprop", "not_rmsprop")


def require_binary_loss(compiled):
    """Binary cross-entropy on probabilities, given as string, function or object."""
    expect(compiled is not None, "not_compiled")
    if compiled.loss == "binary_crossentropy":
        expect(not compiled.loss_options.get("from_logits"), "logits")
        return
    expect("categorical" not in compiled.loss, "categorical")
    expect("squared" not in compiled.loss and "absolute" not in compiled.loss, "squared_error")
    raise CheckFailed


def require_accuracy(compiled):
    expect(compiled is not None, "not_compiled")
    expect("accuracy" in compiled.metrics, "no_metric")


def require_dimension(student, name, rng):
    dimension = int(rng.integers(60, 150))
    expect(student.model(name, dimension=dimension).input_shape == (dimension,), "dimension")
    expect(student.model(name).input_shape == (10_000,), "dimension")


@check(points=0.5, task="build_baseline", es="Hay dos capas ocultas densas de 16 neuronas con ReLU, y ninguna otra.")
def test_two_relu_layers(student):
    """There are two dense hidden layers of 16 units with ReLU, and no others."""
    require_hidden_layers(student.model("build_baseline", dimension=120))


@check(points=0.25, task="build_baseline", es="La salida es una sola neurona sigmoide.")
def test_one_sigmoid_unit(student):
    """The output is one single sigmoid unit."""
    require_sigmoid_output(student.model("build_baseline", dimension=120))


@check(points=0.25, task="build_baseline", es="La entrada tiene dimension números, 10000 si no se dice otra cosa.")
def test_input_dimension(student, rng):
    """The input has dimension numbers, 10000 unless said otherwise."""
    require_dimension(student, "build_baseline", rng)


@check(points=0.25, task="build_baseline", es="El optimizador es RMSprop.")
def test_rmsprop(student):
    """The optimizer is RMSprop."""
    require_rmsprop(student.model("build_baseline", dimension=120).compiled)


@check(points=0.25, task="build_baseline", es="La pérdida es la entropía cruzada binaria.")
def test_binary_loss(student):
    """The loss is binary cross-entropy."""
    require_binary_loss(student.model("build_baseline", dimension=120).compiled)


@check(points=0.25, task="build_baseline", es="La exactitud es una de las métricas.")
def test_reports_accuracy(student):
    """Accuracy is among the metrics."""
    require_accuracy(student.model("build_baseline", dimension=120).compiled)


LEARNT = {"mini": 0.66, "full": 0.68}
"""Validation accuracy after four epochs on 2000 reviews: 0.79 to 0.84 in twelve runs on either data set; guessing gives 0.5."""


@check(
    points=0.25,
    task="build_baseline",
    es="Entrenada unas pocas épocas con reseñas, tu red acierta reseñas nuevas bastante mejor que al azar.",
    seconds=TRAINING_SECONDS,
)
def test_learns_from_reviews(student, data, rng, seed):
    """Trained for a few epochs on reviews, your network gets new reviews right clearly more often than chance."""
    dimension, count, others = 1000, 2000, 1000
    (x, y), _ = data.imdb(num_words=dimension)
    chosen = rng.permutation(len(x))[: count + others]
    rows = np.zeros((len(chosen), dimension), dtype="float32")
    for row, place in zip(rows, chosen, strict=True):
        row[[word for word in x[place] if word < dimension]] = 1
    labels = np.asarray(y)[chosen].astype("float32")

    student.reseed(seed % 10_000)
    model = student.model("build_baseline", dimension=dimension)
    # What has no probability for an output learns or not as chance will have it.
    require_sigmoid_output(model)
    model.fit(rows[:count], labels[:count], epochs=4, batch_size=64, verbose=0)
    p = model.predict(rows[count:]).ravel()
    right = float(np.mean((p > 0.5) == (labels[count:] > 0.5)))
    expect_at_least(right, LEARNT[data.profile], noise=0.02, hint="learns_nothing")


# --- reading a history -----------------------------------------------------------------------------------------------


def either(student, name, *forms):
    """The student's answer to the first of several forms of the same argument that gets one."""
    for form in forms[:-1]:
        try:
            return student.call(name, form)
        except StudentError:
            # What the other forms are worth is asked by a check of its own.
            continue
    return student.call(name, forms[-1])


def overfitted_curves(rng):
    """Four curves whose best epochs differ by every measure, by more than the one that counting from 0 is off."""
    while True:
        n = int(rng.integers(12, 17))
        epochs = np.arange(n)
        turn, peak = rng.uniform(3, n - 5, 2)
        curves = {
            "loss": 0.65 * np.exp(-epochs / rng.uniform(3, 6)) + rng.normal(0, 0.004, n),
            "val_loss": 0.3 + 0.006 * (epochs - turn) ** 2 + rng.normal(0, 0.003, n),
            "accuracy": 0.995 - 0.35 * np.exp(-epochs / rng.uniform(2, 4)),
            "val_accuracy": 0.89 - 0.002 * (epochs - peak) ** 2 + rng.normal(0, 0.001, n),
        }
        places = [
            int(np.argmin(curves["val_loss"])),
            int(np.argmax(curves["val_accuracy"])),
            int(np.argmin(curves["loss"])),
            int(np.argmax(curves["val_loss"])),
            0,
            n - 1,
        ]
        if min(abs(places[0] - place) for place in places[1:]) > 2:
            return {name: np.round(curve, 6).tolist() for name, curve in curves.items()}


def agreeing_curves(rng, best, n):
    """Four curves that all call the epoch at index `best` the best one."""
    away = np.abs(np.arange(n) - best)
    slope = rng.uniform(0.01, 0.03, 4)
    start = {"loss": 0.2, "val_loss": 0.3, "accuracy": 0.9, "val_accuracy": 0.85}
    return {
        name: np.round(first + (by if "loss" in name else -by) * away, 6).tolist()
        for (name, first), by in zip(start.items(), slope, strict=True)
    }


@check(points=0.5, task="best_epoch", es="Señala la época de la pérdida de validación más baja.")
def test_lowest_validation_loss(student, rng):
    """Names the epoch of the lowest validation loss."""
    for _ in range(2):
        curves = overfitted_curves(rng)
        best = int(np.argmin(curves["val_loss"]))
        got = expect_number(either(student, "best_epoch", student.history(curves), curves), "not_lowest")
        # From where epochs are counted has its own check.
        if got in (best, best + 1):
            continue
        for hint, place in (
            ("highest", np.argmax(curves["val_loss"])),
            ("by_accuracy", np.argmax(curves["val_accuracy"])),
            ("by_training", np.argmin(curves["loss"])),
        ):
            expect(got not in (place, place + 1), hint)
        raise CheckFailed("not_lowest")


@check(points=0.25, task="best_epoch", es="La época es un entero y se cuenta desde 1.")
def test_epochs_count_from_one(student, rng):
    """The epoch is an integer and is counted from 1."""
    n = int(rng.integers(7, 12))
    for best in (int(rng.integers(2, n - 2)), 0, n - 1):
        curves = agreeing_curves(rng, best, n)
        got = either(student, "best_epoch", student.history(curves), curves)
        number = expect_number(got, "not_integer")
        expect(number != best, "zero_based")
        expect(number == best + 1, "not_lowest")
        expect_integer(got, "not_integer")


@check(points=0.25, task="best_epoch", es="Vale lo mismo para un History que para su diccionario.")
def test_best_epoch_both_forms(student, rng):
    """It gives the same for a History as for its dictionary."""
    curves = overfitted_curves(rng)
    expect_close(
        student.call("best_epoch", curves), student.call("best_epoch", student.history(curves)), hint="two_forms"
    )


def renamed(curves):
    """The curves with the metric under its short name."""
    return {name.replace("accuracy", "acc"): values for name, values in curves.items()}


@check(
    points=0.5, task="overfitting_gap", es="La brecha es la exactitud final de entrenamiento menos la de validación."
)
def test_gap_of_last_epoch(student, rng):
    """The gap is the final training accuracy minus the final validation accuracy."""
    curves = overfitted_curves(rng)
    got = expect_number(either(student, "overfitting_gap", student.history(curves), curves), "gap")
    accuracy, val_accuracy = np.array(curves["accuracy"]), np.array(curves["val_accuracy"])
    loss_gap = curves["val_loss"][-1] - curves["loss"][-1]
    best = int(np.argmin(curves["val_loss"]))
    mistaken = {
        "turned": val_accuracy[-1] - accuracy[-1],
        "losses": np.copysign(loss_gap, got),
        "at_best": accuracy[best] - val_accuracy[best],
    }
    if abs(got - (accuracy[0] - val_accuracy[0])) < 1e-6 or abs(got - (accuracy.max() - val_accuracy.max())) < 1e-6:
        raise CheckFailed("at_best")
    expect_close(got, accuracy[-1] - val_accuracy[-1], hint="gap", rtol=1e-4, atol=1e-6, mistaken=mistaken)

    # A network can also do better on what it has not seen.
    better = {**curves, "accuracy": curves["val_accuracy"], "val_accuracy": curves["accuracy"]}
    got = either(student, "overfitting_gap", student.history(better), better)
    want = val_accuracy[-1] - accuracy[-1]
    expect_close(got, want, hint="gap", rtol=1e-4, atol=1e-6, mistaken={"absolute": -want})


@check(points=0.25, task="overfitting_gap", es="Las claves pueden ser acc y val_acc.")
def test_gap_with_short_keys(student, rng):
    """The keys may be acc and val_acc."""
    curves = overfitted_curves(rng)
    short = renamed(curves)
    got = expect_number(either(student, "overfitting_gap", student.history(short), short), "short_name")
    try:
        want = expect_number(either(student, "overfitting_gap", student.history(curves), curves))
    except (StudentError, CheckFailed):
        # The long names cost their own points.
        want = curves["accuracy"][-1] - curves["val_accuracy"][-1]
    expect_close(got, want, hint="short_name", rtol=1e-4, atol=1e-6)


@check(points=0.25, task="overfitting_gap", es="La brecha es la misma con un History que con su diccionario.")
def test_gap_both_forms(student, rng):
    """The gap is the same for a History as for its dictionary."""
    curves = overfitted_curves(rng)
    short = renamed(curves)
    plain = either(student, "overfitting_gap", curves, short)
    recorded = either(student, "overfitting_gap", student.history(curves), student.history(short))
    expect_close(plain, recorded, hint="two_forms", rtol=1e-4, atol=1e-6)


# --- early stopping --------------------------------------------------------------------------------------------------


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def cross_entropy(y, p):
    p = np.clip(np.asarray(p, dtype=float).ravel(), 1e-7, 1 - 1e-7)
    return float(-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)))


@dataclass(frozen=True)
class Task:
    """Data for one sigmoid unit on two inputs, and how full-batch descent from `weights` goes on them."""

    x: np.ndarray
    y: np.ndarray
    x_val: np.ndarray
    y_val: np.ndarray
    weights: list
    loss: np.ndarray
    """Training loss before the step of each epoch, as Keras reports it."""
    val_loss: np.ndarray
    val_accuracy: np.ndarray
    val_predictions: np.ndarray
    """After each epoch, `(epochs, samples)`."""

    @property
    def best(self):
        """Index of the best epoch."""
        return int(np.argmin(self.val_loss[:20]))

    @property
    def data(self):
        return self.x, self.y, self.x_val, self.y_val


SAMPLES = 16
"""One step per epoch for any batch size from 16 on, so that the size costs nothing but its own points."""
STEP = 1.0
EPOCHS = 30


def descend(x, y, x_val, y_val, kernel, bias):
    """The same in NumPy as what Keras does with SGD at `STEP`."""
    arrays = [np.asarray(array, dtype="float32") for array in (x, y, x_val, y_val)]
    weights = [np.asarray(kernel, dtype="float32").reshape(2, 1), np.asarray([bias], dtype="float32")]
    x, y, x_val, y_val = (array.astype(float) for array in arrays)
    kernel, bias = weights[0].astype(float).ravel(), float(weights[1][0])
    loss, val_loss, val_accuracy, predictions = [], [], [], []
    for _ in range(EPOCHS):
        p = sigmoid(x @ kernel + bias)
        loss.append(cross_entropy(y, p))
        kernel = kernel - STEP * x.T @ (p - y) / len(y)
        bias = bias - STEP * np.mean(p - y)
        p = sigmoid(x_val @ kernel + bias)
        val_loss.append(cross_entropy(y_val, p))
        val_accuracy.append(np.mean((p > 0.5) == (y_val > 0.5)))
        predictions.append(p)
    return Task(*arrays, weights, *map(np.array, (loss, val_loss, val_accuracy, predictions)))


def signs(rng, n):
    return rng.permutation(np.repeat([-1, 1], n // 2))


def turning_task(rng):
    """A task whose validation loss falls, turns within ten epochs and rises, while the training loss falls throughout.

    The first input is a good but noisy sign of the class. The second is a sure one in training and misleads in validation: it
    stands for what a network learns by heart.
    """
    while True:
        s, s_val = signs(rng, SAMPLES), signs(rng, 40)
        noise = np.ones(SAMPLES)
        noise[rng.permutation(SAMPLES)[:4]] = -1
        x = np.column_stack([s * noise * rng.uniform(0.8, 1.2, SAMPLES), 0.5 * s * rng.uniform(0.8, 1.2, SAMPLES)])
        mislead = rng.uniform(0.7, 1.0)
        x_val = np.column_stack([s_val * rng.uniform(0.5, 1.5, 40), -mislead * s_val * rng.uniform(0.5, 1.5, 40)])
        kernel = [-rng.uniform(1.8, 2.2), -rng.uniform(0, 0.5)]
        task = descend(x, (s + 1) / 2, x_val, (s_val + 1) / 2, kernel, rng.uniform(-0.3, 0.3))
        best, steps = task.best, np.diff(task.val_loss)
        if (
            2 <= best <= 9
            and np.all(steps[:best] < -2e-3)
            and np.all(steps[best : best + 8] > 2e-3)
            and task.val_loss[best + 2] - task.val_loss[best] > 0.01
            and np.all(np.diff(task.loss) < -1e-4)
            and not watching_accuracy_agrees(task)
        ):
            return task


def watching_accuracy_agrees(task):
    """Whether early stopping on the validation accuracy would stop with the right one, or keep the same weights."""
    for patience in (2, 4):
        top = 0
        while top + patience < EPOCHS:
            better = np.flatnonzero(task.val_accuracy[top + 1 : top + 1 + patience] > task.val_accuracy[top])
            if not better.size:
                break
            top += 1 + int(better[0])
        if top == task.best:
            return True
    return False


def falling_task(rng):
    """A task whose validation loss falls at every epoch."""
    while True:
        s, s_val = signs(rng, SAMPLES), signs(rng, 40)
        x, x_val = (np.column_stack([t, t]) * rng.uniform(0.3, 1.0, (len(t), 2)) for t in (s, s_val))
        kernel = rng.uniform(-0.6, -0.2, 2)
        task = descend(x, (s + 1) / 2, x_val, (s_val + 1) / 2, kernel, rng.uniform(-0.3, 0.3))
        if np.all(np.diff(task.val_loss) < -1e-3):
            return task


def fresh_unit(student, task, step=STEP):
    return student.keras_model(
        (2,),
        [("Dense", {"units": 1, "activation": "sigmoid"})],
        compile={
            "optimizer": ("SGD", {"learning_rate": step}),
            "loss": "binary_crossentropy",
            "metrics": ["accuracy"],
        },
        weights=task.weights,
    )


RECORDED = "def recorded(model):\n    return getattr(model, 'history', None)\n"


def curves_of(student, model, returned):
    """The History that was returned or, as that costs its own points, the one that Keras leaves at the trained model."""
    if not is_history(returned):
        returned = student.apply(student.helper(RECORDED, "recorded"), model)
    expect(is_history(returned), "not_trained")
    expect("val_loss" in returned.history, "no_validation")
    return returned


def is_history(returned):
    curves = getattr(returned, "history", None)
    return isinstance(curves, dict) and len(curves.get("loss", ())) > 0


TRAINED = "def trained(history):\n    return history.model\n"


def backed(student, history, x, y, x_val, y_val):
    """Whether the network that a History belongs to has, counted by us from its weights, a loss that the History reports.

    Which network, which data and which epoch's weights are left open, since all that has checks of its own: any part of the
    data that could have been validated on, and the last, the best or the worst epoch.
    """
    try:
        network = student.apply(student.helper(TRAINED, "trained"), history)
        x, y = np.concatenate([x, x_val]), np.concatenate([y, y_val])
        p = network.predict(x).ravel()
        curves = {name: expect_array(curve).astype(float).ravel() for name, curve in history.history.items() if curve}
    except (CheckFailed, StudentError, AttributeError):
        return False
    n = len(y) - len(y_val)
    tails = {max(1, round(n * part / 20)) for part in range(1, 21)}
    pieces = [slice(n, None), slice(None), *(slice(n - tail, n) for tail in tails)]
    counted = np.array([cross_entropy(y[piece], p[piece]) for piece in pieces])
    if "val_loss" not in curves:
        # Keras reports the mean over an epoch, so the loss afterwards is another.
        return bool(np.min(np.abs(counted - curves["loss"][-1])) < 0.1)
    watched = [curve for curve in curves.values() if len(curve) == len(curves["val_loss"])]
    kept = {-1, *(int(place) for curve in watched for place in (np.argmin(curve), np.argmax(curve)))}
    return any(np.min(np.abs(counted - curves["val_loss"][epoch])) < 2e-3 for epoch in kept)


def history_of(student, model, returned, data):
    """The History as `curves_of` finds it, with or without validation; fails when it was made up."""
    if not is_history(returned):
        returned = student.apply(student.helper(RECORDED, "recorded"), model)
    expect(is_history(returned), "not_trained")
    expect(backed(student, returned, *data), "made_up")
    return returned


@dataclass(frozen=True)
class Run:
    """One training on a turning task with the default settings, kept because two checks look at it."""

    task: Task
    model: object
    returned: object
    backed: bool
    """Whether what was returned is a History of the training that took place."""


RUNS = WeakKeyDictionary()


def first_run(student, rng):
    if student not in RUNS:
        task = turning_task(rng)
        model = fresh_unit(student, task)
        returned = student.call("train_with_early_stopping", model, *task.data)
        model.refresh()
        RUNS[student] = Run(task, model, returned, is_history(returned) and backed(student, returned, *task.data))
    return RUNS[student]


def require_stop(student, task, model, returned, patience):
    """Fail unless the validation losses are those of `task` up to `patience` epochs after the best."""
    got = expect_array(curves_of(student, model, returned).history["val_loss"], hint="other_losses").astype(float)
    common = min(len(got), EPOCHS)
    expect(np.allclose(got[:common], task.val_loss[:common], rtol=1e-3, atol=1e-4), "other_losses")
    expect(len(got) < 20, "never_stops")
    expect(len(got) == task.best + 1 + patience, "patience")


@check(
    points=0.5,
    task="train_with_early_stopping",
    es="Para cuando la pérdida de validación lleva patience épocas sin mejorar.",
    seconds=TRAINING_SECONDS,
)
def test_stops_after_patience(student, rng):
    """Stops when the validation loss has not improved for patience epochs."""
    run = first_run(student, rng)
    require_stop(student, run.task, run.model, run.returned, 2)
    task = turning_task(rng)
    model = fresh_unit(student, task)
    returned = student.call("train_with_early_stopping", model, *task.data, patience=4)
    require_stop(student, task, model, returned, 4)


@check(
    points=0.5,
    task="train_with_early_stopping",
    es="Al terminar, el modelo recibido tiene los pesos de su mejor época.",
    seconds=TRAINING_SECONDS,
)
def test_best_weights_kept(student, rng):
    """At the end, the model handed in has the weights of its best epoch."""
    run = first_run(student, rng)
    task = run.task
    moved = any(not np.array_equal(old, new) for old, new in zip(task.weights, run.model.weights, strict=True))
    expect(moved, "not_trained")
    got = run.model.predict(task.x_val).ravel().astype(float)

    def reached(epoch):
        return np.allclose(got, task.val_predictions[epoch], rtol=0, atol=2e-3)

    if reached(task.best):
        return
    expect(not any(reached(epoch) for epoch in range(task.best + 1, EPOCHS)), "last_weights")
    raise CheckFailed("other_weights")


@check(
    points=0.25,
    task="train_with_early_stopping",
    es="Se entrena max_epochs épocas como mucho, 20 si no se dice otra cosa.",
    seconds=TRAINING_SECONDS,
)
def test_at_most_max_epochs(student, rng):
    """Training takes at most max_epochs epochs, 20 unless said otherwise."""
    task = falling_task(rng)
    fewer = int(rng.integers(3, 8))
    for settings, want in (({}, 20), ({"max_epochs": fewer}, fewer)):
        model = fresh_unit(student, task)
        # Patient enough that nothing stops the training but its limit, whatever is watched.
        returned = student.call("train_with_early_stopping", model, *task.data, patience=50, **settings)
        got = history_of(student, model, returned, task.data)
        expect(len(got.history["loss"]) == want, "max_epochs")


@check(
    points=0.25,
    task="train_with_early_stopping",
    es="Los lotes son de 512.",
    seconds=TRAINING_SECONDS,
)
def test_batches_of_512(student, rng):
    """The batches are of 512."""
    # Ten steps for a size of 512 to 568, and for no other.
    x = rng.normal(0, 1, (5120, 2)).astype("float32")
    y = (x[:, 0] > 0).astype("float32")
    model = student.keras_model(
        (2,),
        [("Dense", {"units": 1, "activation": "sigmoid"})],
        compile={"optimizer": "sgd", "loss": "binary_crossentropy", "metrics": ["accuracy"]},
    )
    data = x, y, x[:50], y[:50]
    returned = student.call("train_with_early_stopping", model, *data, max_epochs=1)
    expect(history_of(student, model, returned, data).params.get("steps") == 10, "batch_size")


def telling_task(rng):
    """A task, and its losses at the start on training and validation data, which no other choice of data would give."""
    while True:
        task = turning_task(rng)
        kernel, bias = (weight.astype(float) for weight in task.weights)

        def loss_on(x, y, kernel=kernel, bias=bias):
            return cross_entropy(y, sigmoid(x.astype(float) @ kernel + bias))

        training, validation = loss_on(task.x, task.y), loss_on(task.x_val, task.y_val)
        parts = [loss_on(task.x[-size:], task.y[-size:]) for size in range(1, SAMPLES + 1)]
        if min(abs(part - validation) for part in parts) > 0.02:
            return task, training, validation


@check(
    points=0.25,
    task="train_with_early_stopping",
    es="Se entrena con x, y y se valida con x_val, y_val.",
    seconds=TRAINING_SECONDS,
)
def test_trains_and_validates_where_told(student, rng):
    """It trains on x, y and validates on x_val, y_val."""
    task, training, validation = telling_task(rng)
    # With a step of 0 the weights stay, so both losses tell which data they were measured on.
    model = fresh_unit(student, task, step=0.0)
    returned = student.call("train_with_early_stopping", model, *task.data, max_epochs=1)
    curves = curves_of(student, model, returned).history
    expect_close(
        curves["val_loss"][0],
        validation,
        hint="other_validation",
        rtol=1e-4,
        atol=1e-5,
        mistaken={"validates_on_training": training},
    )
    expect_close(curves["loss"][0], training, hint="other_training", rtol=1e-4, atol=1e-5)


@check(
    points=0.25,
    task="train_with_early_stopping",
    es="Devuelve el History de fit.",
    seconds=TRAINING_SECONDS,
)
def test_returns_the_history(student, rng):
    """Returns the History of fit."""
    run = first_run(student, rng)
    got = run.returned
    expect(got is not None, "returns_nothing")
    expect(not hasattr(got, "network"), "returns_model")
    expect(not isinstance(got, dict), "returns_dict")
    expect(is_history(got), "no_history")
    expect(run.backed, "made_up")


# --- L2 --------------------------------------------------------------------------------------------------------------


def dense_nodes(model):
    return [node for node in model.network if node.kind == "Dense"]


def dense_parts(model):
    """`(node, kernel, bias)` of every Dense layer, in order."""
    nodes = dense_nodes(model)
    kernels = [i for i, weight in enumerate(model.weights) if weight.ndim == 2]
    # A network that does not know its dimension has no weights yet, and nothing to penalise.
    expect(len(nodes) == len(kernels), "dimension")
    found = []
    for node, place in zip(nodes, kernels, strict=True):
        after = model.weights[place + 1 : place + 2]
        found.append((node, model.weights[place], after[0] if after and after[0].ndim == 1 else np.zeros(1)))
    return found


def factors(regularizer):
    """`(l1, l2)` of a serialised regulariser; `None` for another kind."""
    if not isinstance(regularizer, dict) or regularizer.get("class_name") not in ("L1", "L2", "L1L2"):
        return None
    config = regularizer.get("config") or {}
    pair = tuple(config.get(name) or 0 for name in ("l1", "l2"))
    return tuple(map(float, pair)) if all(isinstance(value, int | float) for value in pair) else None


def hidden_regularizers(model):
    """Those on the kernels of the hidden layers that have one."""
    found = [node.config.get("kernel_regularizer") for node in dense_nodes(model)[:-1]]
    return [regularizer for regularizer in found if regularizer is not None]


def drawn_l2(rng):
    return round(float(rng.uniform(0.003, 0.05)), 4)


@check(points=0.5, task="build_l2_model", es="Las dos capas ocultas llevan un regularizador en sus pesos (kernel).")
def test_both_kernels_regularised(student, rng):
    """Both hidden layers have a regulariser on their weights (kernel)."""
    model = student.model("build_l2_model", dimension=120, l2=drawn_l2(rng))
    found = hidden_regularizers(model)
    expect(found, "no_penalty")
    expect(len(found) == 2, "one_penalty")


@check(points=0.25, task="build_l2_model", es="El regularizador es L2: suma de cuadrados.")
def test_sum_of_squares(student, rng):
    """The regulariser is L2: a sum of squares."""
    found = hidden_regularizers(student.model("build_l2_model", dimension=120, l2=drawn_l2(rng)))
    expect(found, "no_penalty")
    for regularizer in found:
        pair = factors(regularizer)
        expect(pair is not None and any(pair), "not_l2")
        expect(pair[1], "l1")
        expect(not pair[0], "both")


@check(points=0.25, task="build_l2_model", es="El factor es el argumento l2, y 0.001 si no se da.")
def test_factor_of_the_penalty(student, rng):
    """The factor is the argument l2, and 0.001 unless given."""
    given = drawn_l2(rng)
    for model, want in (
        (student.model("build_l2_model", dimension=120, l2=given), given),
        (student.model("build_l2_model", dimension=120), 0.001),
    ):
        found = hidden_regularizers(model)
        expect(found, "no_penalty")
        for regularizer in found:
            pair = factors(regularizer)
            expect(pair is not None, "not_l2")
            # Which kind it is has its own check.
            expect_close(max(pair), want, hint="factor", rtol=1e-5, atol=0)


PENALTIES = "def penalties(model):\n    return [float(value) for value in model.losses]\n"


@check(
    points=0.5,
    task="build_l2_model",
    es="La penalización se suma de verdad a la pérdida: está en model.losses.",
)
def test_penalty_in_losses(student, rng):
    """The penalty is really added to the loss: it is in model.losses."""
    model = student.model("build_l2_model", dimension=120, l2=drawn_l2(rng))
    expect(hidden_regularizers(model), "no_penalty")
    want = 0.0
    for node, kernel, bias in dense_parts(model):
        for part, weight in (("kernel", kernel), ("bias", bias)):
            if (regularizer := node.config.get(f"{part}_regularizer")) is not None:
                l1, l2 = factors(regularizer) or (0.0, 0.0)
                weight = weight.astype(float)
                want += l1 * float(np.sum(np.abs(weight))) + l2 * float(np.sum(weight**2))
    got = student.apply(student.helper(PENALTIES, "penalties"), model)
    total = float(np.sum(expect_array(got, hint="not_in_losses")))
    expect(total > 0, "not_in_losses")
    expect_close(total, want, hint="wrong_sum", rtol=1e-3, atol=1e-5)


@check(points=0.25, task="build_l2_model", es="Ni los sesgos ni la salida de las capas se penalizan.")
def test_only_kernels_pay(student, rng):
    """Neither the biases nor the outputs of the layers are penalised."""
    model = student.model("build_l2_model", dimension=120, l2=drawn_l2(rng))
    for node in model.network:
        for part in ("bias", "activity"):
            expect(node.config.get(f"{part}_regularizer") is None, part)


@check(points=0.25, task="build_l2_model", es="Por lo demás es la red de partida, compilada igual.")
def test_otherwise_the_baseline(student, rng):
    """Apart from that it is the baseline, compiled likewise."""
    require_dimension(student, "build_l2_model", rng)
    model = student.model("build_l2_model", dimension=120)
    require_hidden_layers(model)
    require_sigmoid_output(model)
    require_rmsprop(model.compiled)
    require_binary_loss(model.compiled)
    require_accuracy(model.compiled)
