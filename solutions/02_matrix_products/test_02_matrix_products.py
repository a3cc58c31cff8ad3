"""Hidden grader of 02_matrix_products: product, layer, collapse, parameters, cosine.

Every check judges one idea, so that one misconception is charged once: where a check is not about the values themselves
(single samples, lists, lengths), it compares the student's answer with the student's own answer to the plain question.
What the contract leaves open (returned lists or arrays, empty or three-dimensional input, small integers that overflow,
ties between candidates, whether anything but `collapse` and `closest` spares its input) is not judged.
"""

import ast
import builtins
from itertools import pairwise

import numpy as np

from autograder.checks import (
    CheckFailed,
    Text,
    check,
    expect,
    expect_array,
    expect_close,
    expect_integer,
    expect_number,
    expect_raises,
    expect_unchanged,
)
from autograder.errors import StudentError

RTOL, ATOL = 1e-5, 1e-5  # wide enough for answers computed in float32, far narrower than any mistake named here

# Ready-made products, as an attribute (`np.dot`, `a.dot`), an imported name or the text of a `getattr`.
READY_MADE = {
    "dot", "matmul", "einsum", "einsum_path", "tensordot", "inner", "vdot", "vecdot", "matvec", "vecmat", "multi_dot",
    "matrix_power", "matrix", "asmatrix", "bmat", "batch_dot", "sparse_dense_matmul", "dgemm", "sgemm",
    "__matmul__", "__rmatmul__", "__imatmul__", "imatmul",
}  # fmt: skip

HINTS = {
    # matmul
    "deck": Text(
        es="La primera casilla te sale 14, como en la diapositiva: es una errata. La suma es −8 + 0 + 0 − 6 = −14; "
        "«menos y menos, más» vale para multiplicar, no para sumar.",
        en="Your first cell is 14, as on the slide: that is a slip. The sum is −8 + 0 + 0 − 6 = −14; \"minus and minus "
        "make plus\" holds for multiplying, not for adding.",
    ),
    "first_sign": Text(
        es="La primera casilla ha perdido su signo menos: una suma de productos puede ser negativa.",
        en="The first cell has lost its minus sign: a sum of products may be negative.",
    ),
    "overwritten": Text(
        es="En cada casilla queda solo el último término: acumula con += en lugar de asignar con =.",
        en="Every cell holds its last term alone: accumulate with += instead of assigning with =.",
    ),
    "absolute": Text(
        es="Tus casillas han perdido el signo: una suma de productos puede ser negativa, no tomes el valor absoluto.",
        en="Your cells have lost their sign: a sum of products may be negative, do not take the absolute value.",
    ),
    "elementwise": Text(
        es="Parece el producto casilla por casilla (a * b): cada casilla del producto de matrices es una fila entera "
        "contra una columna entera, sumada.",
        en="This looks like the product cell by cell (a * b): every cell of the matrix product is a whole row against a "
        "whole column, added up.",
    ),
    "reversed": Text(
        es="Has multiplicado en el orden contrario, b por a: el producto de matrices no es conmutativo.",
        en="You multiplied in the opposite order, b times a: the matrix product is not commutative.",
    ),
    "transposed_result": Text(
        es="El resultado está traspuesto: en la casilla (i, j) va la fila i de a contra la columna j de b.",
        en="The result is transposed: cell (i, j) holds row i of a against column j of b.",
    ),
    "rows_with_rows": Text(
        es="Multiplicas filas de a por filas de b: de la segunda matriz se toman las columnas.",
        en="You multiply rows of a by rows of b: from the second matrix take the columns.",
    ),
    "last_missing": Text(
        es="Falta el último término de cada suma: k recorre todas las columnas de a.",
        en="The last term of every sum is missing: k runs over all the columns of a.",
    ),
    "product_shape": Text(
        es="(m, n) por (n, p) da una tabla de números de forma (m, p), también cuando m, n o p es 1.",
        en="(m, n) times (n, p) gives a table of numbers of shape (m, p), also when m, n or p is 1.",
    ),
    "product": Text(
        es="El producto no es correcto. Calcula a mano una casilla: fila de a contra columna de b, término a término, y suma.",
        en="The product is not right. Work out one cell by hand: a row of a against a column of b, term by term, and add.",
    ),
    "identity": Text(
        es="Multiplicar por la identidad, por la izquierda o por la derecha, debe dejar la matriz como estaba.",
        en="Multiplying by the identity, from the left or from the right, must leave the matrix as it was.",
    ),
    "associative": Text(
        es="(AB)C y A(BC) deben dar lo mismo, y con tu función no es así.",
        en="(AB)C and A(BC) must agree, and with your function they do not.",
    ),
    "transposition": Text(
        es="La traspuesta de AB debe ser el producto de las traspuestas en orden contrario, y con tu función no es así.",
        en="The transpose of AB must be the product of the transposes in reverse order, and with your function it is not.",
    ),
    "truncated": Text(
        es="Se pierden los decimales cuando una de las matrices es de enteros: guarda el resultado en un array de floats.",
        en="Decimals are lost when one of the matrices holds integers: keep the result in an array of floats.",
    ),
    "lists": Text(
        es="Los mismos números como lista, como enteros o como array deben dar lo mismo: convierte al empezar con "
        "np.asarray(…, dtype=float).",
        en="The same numbers as a list, as integers or as an array must give the same: convert them first with "
        "np.asarray(…, dtype=float).",
    ),
    "inner_sizes": Text(
        es="Si las columnas de a no son tantas como las filas de b, no hay producto: lanza ValueError. No te fíes de "
        "los bucles, de zip ni de NumPy: a veces siguen adelante en silencio.",
        en="When a has not as many columns as b has rows there is no product: raise ValueError. Do not rely on loops, "
        "zip or NumPy: sometimes they carry on in silence.",
    ),
    "one_dimensional": Text(
        es="Un vector (n,) no es una matriz: comprueba que las dos tengan dos ejes y, si no, lanza ValueError.",
        en="A vector (n,) is no matrix: check that both have two axes and raise ValueError otherwise.",
    ),
    "refuses_all": Text(
        es="Tu función rechaza también entradas correctas: el error es solo para las que no sirven.",
        en="Your function refuses proper input as well: the error is only for input that is of no use.",
    ),
    "ready_made": Text(
        es="Tu función (o una auxiliar que llama) usa un producto ya hecho, como @ o np.dot: aquí se pide escribirlo "
        "con bucles o sumas.",
        en="Your function (or a helper that it calls) uses a ready-made product such as @ or np.dot: here it is to be "
        "written with loops or sums.",
    ),
    "ignores_input": Text(
        es="El resultado no depende de las dos matrices: aquí se juzga cómo haces el producto, así que debe haber uno.",
        en="The result does not depend on both matrices: how you make the product is judged here, so there must be one.",
    ),
    # dense
    "transposed_weights": Text(
        es="Has traspuesto los pesos: en la convención de Keras w tiene forma (d, units), y cada neurona es una columna.",
        en="You transposed the weights: in Keras's convention w has shape (d, units), and every neuron is a column.",
    ),
    "no_bias": Text(
        es="Falta el sesgo: tras el producto se suma b a cada fila.",
        en="The bias is missing: after the product b is added to every row.",
    ),
    "bias_axis": Text(
        es="Sumas el sesgo por el eje equivocado: hay un sesgo por neurona (columna), no uno por muestra (fila).",
        en="You add the bias along the wrong axis: there is one bias per neuron (column), not one per sample (row).",
    ),
    "bias_sign": Text(
        es="Restas el sesgo: hay que sumarlo.", en="You subtract the bias: it has to be added."
    ),
    "bias_first": Text(
        es="Sumas el sesgo antes de multiplicar: primero el producto x w, después el sesgo.",
        en="You add the bias before the product: first x w, then the bias.",
    ),
    "activated": Text(
        es="Desaparecen los valores negativos, como si hubiera una activación ReLU: esta capa es lineal.",
        en="Negative values disappear, as if there were a ReLU activation: this layer is linear.",
    ),
    "layer_shape": Text(
        es="Un lote (n, d) da una tabla de números de forma (n, units).",
        en="A batch (n, d) gives a table of numbers of shape (n, units).",
    ),
    "layer": Text(
        es="La salida no es x w + b. Prueba con una muestra (1, 0, …, 0): debe dar la primera fila de w más b.",
        en="The output is not x w + b. Try the sample (1, 0, …, 0): it must give the first row of w plus b.",
    ),
    "zero_input": Text(
        es="Con una entrada de ceros debe salir exactamente el sesgo, el mismo en todas las filas.",
        en="An input of zeros must give exactly the bias, the same in every row.",
    ),
    "single_batch": Text(
        es="Una sola muestra (d,) da un vector (units,), sin eje de lote: te sale una tabla de una fila.",
        en="A single sample (d,) gives a vector (units,), without a batch axis: yours is a table of one row.",
    ),
    "single": Text(
        es="Una sola muestra (d,) debe dar un vector (units,), con los mismos números que esa muestra dentro de un lote.",
        en="A single sample (d,) must give a vector (units,), with the same numbers as that sample within a batch.",
    ),
    "batch_of_one": Text(
        es="Un lote de una sola muestra, (1, d), sigue siendo un lote: da (1, units), y una sola neurona da (n, 1).",
        en="A batch of one sample, (1, d), is still a batch: it gives (1, units), and a single neuron gives (n, 1).",
    ),
    # collapse
    "swapped_pair": Text(
        es="w y b están intercambiados: primero los pesos, después el sesgo.",
        en="w and b have changed places: first the weights, then the bias.",
    ),
    "pair": Text(
        es="Se piden dos cosas en este orden: w y b.", en="Two things are asked for, in this order: w and b."
    ),
    "weights_shape": Text(
        es="Si las capas van de d a h y de h a units, w tiene forma (d, units).",
        en="If the layers go from d to h and from h to units, w has shape (d, units).",
    ),
    "weights_reversed": Text(
        es="Has multiplicado los pesos en el orden contrario: la muestra se encuentra primero con w1 y después con w2.",
        en="You multiplied the weights in the opposite order: the sample meets w1 first and w2 afterwards.",
    ),
    "weights_added": Text(
        es="Has sumado los pesos: una capa detrás de otra es un producto, no una suma.",
        en="You added the weights: one layer behind another is a product, not a sum.",
    ),
    "weights": Text(
        es="Los pesos no son los de las dos capas juntas. Quita el paréntesis en (x w1 + b1) w2 + b2: ¿qué multiplica a x?",
        en="The weights are not those of the two layers together. Multiply out (x w1 + b1) w2 + b2: what multiplies x?",
    ),
    "bias_shape": Text(
        es="El sesgo de la capa única tiene forma (units,), uno por neurona de salida.",
        en="The bias of the single layer has shape (units,), one per output neuron.",
    ),
    "first_bias_lost": Text(
        es="Has devuelto b2 tal cual: b1 también llega a la salida, después de atravesar w2.",
        en="You returned b2 as it is: b1 reaches the output as well, after passing through w2.",
    ),
    "second_bias_lost": Text(
        es="Falta b2: al sesgo que atraviesa la segunda capa se le suma el de esta.",
        en="b2 is missing: to the bias that passes through the second layer, that layer adds its own.",
    ),
    "bias_added": Text(
        es="Has sumado b1 y b2 sin más: b1 atraviesa la segunda capa, así que antes se multiplica por w2.",
        en="You just added b1 and b2: b1 passes through the second layer, so it is multiplied by w2 first.",
    ),
    "bias_transposed": Text(
        es="b1 atraviesa w2 traspuesta: en la convención de filas va delante, b1 por w2.",
        en="b1 passes through w2 transposed: in the row convention it stands in front, b1 times w2.",
    ),
    "bias_first_weights": Text(
        es="Has pasado b1 por los pesos de la primera capa: ya ha salido de ella, atraviesa los de la segunda.",
        en="You passed b1 through the weights of the first layer: it has left that one, it passes through the second.",
    ),
    "bias": Text(
        es="El sesgo no es el de las dos capas juntas. Mira qué sale de las dos con una entrada de ceros.",
        en="The bias is not that of the two layers together. See what the two give for an input of zeros.",
    ),
    "not_equal": Text(
        es="La capa única no da lo mismo que las dos seguidas.",
        en="The single layer does not give the same as the two in a row.",
    ),
    "mutated": Text(
        es="Tu función cambia lo que recibe. np.asarray no copia un array de floats y += o /= escriben encima: guarda el "
        "resultado en un array nuevo.",
        en="Your function changes what it is given. np.asarray does not copy an array of floats, and += or /= write over "
        "it: put the result into a new array.",
    ),
    # count_parameters
    "integer": Text(
        es="Se pide un entero, la cantidad de parámetros.", en="An integer is asked for, the number of parameters."
    ),
    "weights_only": Text(
        es="Has contado solo los pesos: cada neurona tiene además un sesgo.",
        en="You counted the weights alone: every neuron has a bias besides.",
    ),
    "bias_per_input": Text(
        es="Cuentas un sesgo por cada entrada de una capa: hay uno por cada neurona.",
        en="You count one bias per input of a layer: there is one per neuron.",
    ),
    "bias_per_layer": Text(
        es="Cuentas un solo sesgo por capa: hay uno por cada neurona.",
        en="You count a single bias per layer: there is one per neuron.",
    ),
    "input_bias": Text(
        es="Cuentas sesgos también para la entrada: la entrada no tiene neuronas, solo da paso a los datos.",
        en="You count biases for the input too: the input has no neurons, it only lets the data in.",
    ),
    "bias_per_weight": Text(
        es="Cuentas un sesgo por cada peso: hay uno por cada neurona.",
        en="You count one bias per weight: there is one per neuron.",
    ),
    "ends_only": Text(
        es="Solo cuentas una capa de la entrada a la salida: hay una capa entre cada dos tamaños seguidos.",
        en="You count one layer from input to output: there is a layer between every two neighbouring sizes.",
    ),
    "layer_missing": Text(
        es="Falta una capa: hay tantas como tamaños menos uno, y la última también cuenta.",
        en="A layer is missing: there are as many as sizes less one, and the last one counts too.",
    ),
    "count": Text(
        es="La cuenta no es correcta. Haz a mano una red de dos capas que no sea simétrica, como 2 → 5 → 1.",
        en="The count is not right. Do by hand a network of two layers that is not symmetrical, such as 2 → 5 → 1.",
    ),
    "containers": Text(
        es="Una tupla o un array de enteros deben dar lo mismo que una lista, y la lista no debe cambiar.",
        en="A tuple or an array of integers must give the same as a list, and the list must not change.",
    ),
    "too_few": Text(
        es="Con ningún tamaño o con uno solo no hay ninguna capa: lanza ValueError en lugar de devolver 0.",
        en="With no size, or with one alone, there is no layer: raise ValueError instead of returning 0.",
    ),
    # closest
    "index": Text(
        es="Se pide un índice: un solo entero, la posición del candidato empezando por 0.",
        en="An index is asked for: one integer, the position of the candidate counted from 0.",
    ),
    "distance": Text(
        es="Has elegido el más cercano en distancia: el coseno mira la dirección y no la longitud.",
        en="You chose the nearest by distance: the cosine looks at direction and not at length.",
    ),
    "unnormalised": Text(
        es="Has elegido el mayor producto sin dividir entre las longitudes: así ganan los vectores largos.",
        en="You chose the largest product without dividing by the lengths: that way long vectors win.",
    ),
    "least": Text(
        es="Has elegido el menos parecido: se busca el coseno mayor. (La distancia del coseno, 1 − cos, sí se minimiza.)",
        en="You chose the least similar: the highest cosine is wanted. (It is the cosine distance, 1 − cos, that is "
        "minimised.)",
    ),
    "sign_dropped": Text(
        es="Un candidato que apunta al revés te parece igual de bueno: no quites el signo del coseno.",
        en="A candidate that points the opposite way looks just as good to you: do not drop the sign of the cosine.",
    ),
    "from_one": Text(
        es="Cuentas las posiciones desde 1: en Python el primer candidato tiene el índice 0.",
        en="You count positions from 1: in Python the first candidate has index 0.",
    ),
    "direction": Text(
        es="No es el candidato de mayor similitud del coseno: producto entre x y cada fila, dividido entre las dos longitudes.",
        en="This is not the candidate of highest cosine similarity: x times each row, divided by both lengths.",
    ),
    "length_matters": Text(
        es="Al alargar o acortar vectores sin cambiar su dirección, tu respuesta cambia: el coseno no depende de la longitud.",
        en="When vectors are made longer or shorter, their direction unchanged, your answer changes: the cosine does not "
        "depend on length.",
    ),
    "zero_x": Text(
        es="Si x es el vector cero no hay dirección con la que comparar: lanza ValueError.",
        en="If x is the zero vector there is no direction to compare with: raise ValueError.",
    ),
    "zero_candidate": Text(
        es="Si algún candidato es el vector cero, esté donde esté, lanza ValueError: su coseno sería 0/0.",
        en="If any candidate is the zero vector, wherever it stands, raise ValueError: its cosine would be 0/0.",
    ),
}  # fmt: skip


# ---------------------------------------------------------------- oracles


def product(a, b):
    """The matrix product by another road than most answers take: a sum of broadcast cells."""
    return (np.asarray(a, float)[:, :, None] * np.asarray(b, float)[None, :, :]).sum(axis=1)


def wrong_product(a, b):
    """What the known misconceptions make of it; those that such shapes do not allow are left out."""
    right = product(a, b)
    wrong = {"absolute": np.abs(right), "transposed_result": right.T, "last_missing": product(a[:, :-1], b[:-1])}
    wrong["overwritten"] = product(a[:, -1:], b[-1:])
    wrong["first_sign"] = right * np.where(np.arange(right.size).reshape(right.shape) == 0, -1, 1)
    if a.shape == b.shape:
        wrong["elementwise"] = a * b
    if b.shape[1] == a.shape[0]:
        wrong["reversed"] = product(b, a)
    if a.shape[1] == b.shape[1]:
        wrong["rows_with_rows"] = product(a, b.T)
    return wrong


def wrong_layer(x, w, b):
    """What the known misconceptions make of a dense layer."""
    right = product(x, w)
    wrong = {"no_bias": right, "bias_sign": right - b, "activated": np.maximum(right + b, 0)}
    if w.shape[0] == w.shape[1]:
        wrong["transposed_weights"] = product(x, w.T) + b
        wrong["bias_first"] = product(x + b, w)
    if x.shape == w.shape:
        wrong["elementwise"] = x * w + b
    if len(x) == len(b):
        wrong["bias_axis"] = right + b[:, None]
    return wrong


def count(sizes):
    """Parameters of dense layers in a row."""
    return sum(d * units + units for d, units in pairwise(sizes))


def wrong_count(sizes):
    """What the known misconceptions make of the count."""
    weights = sum(d * units for d, units in pairwise(sizes))
    return {
        "weights_only": weights,
        "bias_per_input": weights + sum(sizes[:-1]),
        "bias_per_layer": weights + len(sizes) - 1,
        "input_bias": weights + sum(sizes),
        "bias_per_weight": 2 * weights,
        "ends_only": sizes[0] * sizes[-1] + sizes[-1],
        "layer_missing": count(sizes[:-1]),
    }


def cosines(x, candidates):
    return product(candidates, x[:, None])[:, 0] / np.linalg.norm(x) / np.linalg.norm(candidates, axis=1)


def by_distance(x, candidates):
    return int(np.argmin(np.linalg.norm(candidates - x, axis=1)))


def by_product(x, candidates):
    return int(np.argmax(product(candidates, x[:, None])[:, 0]))


# ---------------------------------------------------------------- helpers


def same(got, want):
    """Whether two arrays of numbers agree; False for what is none."""
    try:
        got, want = np.asarray(got, dtype=float), np.asarray(want, dtype=float)
    except (TypeError, ValueError):
        return False
    return got.shape == want.shape and np.allclose(got, want, rtol=RTOL, atol=ATOL)


def matrix(rng, rows, columns):
    """Decimals of both signs, none of them near 0."""
    return rng.uniform(0.4, 3.0, (rows, columns)) * rng.choice((-1, 1), (rows, columns))


def names_bound_in(function):
    """Names that the function itself binds: parameters, variables, nested functions; not its imports."""
    bound = {each.arg for each in ast.walk(function) if isinstance(each, ast.arg)}
    bound |= {
        each.id for each in ast.walk(function) if isinstance(each, ast.Name) and not isinstance(each.ctx, ast.Load)
    }
    bound |= {each.name for each in ast.walk(function) if isinstance(each, ast.FunctionDef) and each is not function}
    return bound


def called_functions(student, name):
    """The function `name` and the notebook's functions that it uses, by name; a variable of its own is no function."""
    trees = {function.name: function for function in student.tree(name)}
    found, waiting = {}, [name]
    while waiting:
        current = waiting.pop()
        if current in found:
            continue
        found[current] = trees[current]
        used = {
            each.id
            for each in ast.walk(trees[current])
            if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)
        }
        waiting += sorted((used - names_bound_in(trees[current])) & trees.keys())
    return found


def ready_made_products(functions):
    """The ready-made products in these functions; a helper or variable of the student's own may be called `dot`."""
    found = set()
    for function in functions.values():
        own = names_bound_in(function) | functions.keys()
        body = [node for statement in function.body for node in ast.walk(statement)]
        for node in body:
            match node:
                case ast.BinOp(op=ast.MatMult()) | ast.AugAssign(op=ast.MatMult()):
                    found.add("@")
                case ast.Attribute(attr=attribute) if attribute in READY_MADE:
                    found.add(attribute)
                case ast.Name(id=name) if name in READY_MADE - own and name not in dir(builtins):
                    found.add(name)
                case ast.ImportFrom(names=aliases):
                    found |= {alias.name for alias in aliases} & READY_MADE
                case ast.Call(func=ast.Name(id="getattr"), args=[_, ast.Constant(value=str(text)), *_]):
                    found |= {text} & READY_MADE
    return found


# Follow-through. The reference keeps every task free of the others, but students may well call their own `matmul` or
# `dense` further down, and a mistake there has been charged there. So where `dense`, `collapse` or `closest` disagrees
# with the oracle and does call such a function, the functions below ask what the student's own product gives, and
# agreement with that is accepted. An answer that is wrong in itself agrees with neither.


def ask(student, name, *args):
    """What the student's own function gives as an array, or None when it cannot be asked."""
    try:
        own = np.asarray(student.call(name, *args), dtype=float)
    except (StudentError, TypeError, ValueError):
        return None
    return own if np.isfinite(own).all() else None


def own_layers(student, x, w, b):
    """The layer by the student's own `matmul`, as far as `dense` calls it."""
    if "matmul" not in called_functions(student, "dense"):
        return
    own = ask(student, "matmul", x, w)
    if own is not None and own.shape == (len(x), len(b)):
        yield own + b


def stumbles(student, name, a, b):
    """Whether `name` calls a `matmul` of the student's that itself fails on these two, or gives another shape.

    A failure excuses nothing on square matrices: there a mistaken product still runs, and only an unfinished one fails.
    """
    if "matmul" not in called_functions(student, name):
        return False
    own = ask(student, "matmul", a, b)
    if own is None:
        return not len(a) == len(b) == len(b[0])
    return own.shape != (len(a), len(b[0]))


def stumbles_over_lists(student, name, x, w, b):
    """Whether `name` calls a function of the student's that itself gives something else for lists or integers."""
    questions = {"matmul": (x, w), "dense": (x, w, b)}
    for helper in sorted(called_functions(student, name).keys() & (questions.keys() - {name})):
        plain = ask(student, helper, *(each.astype(float) for each in questions[helper]))
        for spelled in (questions[helper], [each.tolist() for each in questions[helper]]):
            if plain is not None and not same(ask(student, helper, *spelled), plain):
                return True
    return False


def own_collapses(student, w1, b1, w2, b2):
    """Weights and biases by the student's own `matmul` and `dense`, as far as `collapse` calls them."""
    used = called_functions(student, "collapse").keys()
    weights, biases = [], []
    if "matmul" in used:
        weights.append(ask(student, "matmul", w1, w2))
        carried = ask(student, "matmul", b1[None, :], w2)
        biases.append(None if carried is None else np.ravel(carried) + b2)
    if "dense" in used:
        nothing = np.zeros(len(b2))
        weights.append(ask(student, "dense", w1, w2, nothing))
        biases.append(ask(student, "dense", b1, w2, b2))
        # Two more roads: probing the two layers with zeros and with the identity.
        probes = []
        for x in (np.zeros((1, len(w1))), np.eye(len(w1))):
            inner = ask(student, "dense", x, w1, b1)
            probes.append(None if inner is None else ask(student, "dense", inner, w2, b2))
        if probes[0] is not None:
            biases.append(np.ravel(probes[0]))
            weights.append(None if probes[1] is None else probes[1] - probes[0])
    return [each for each in weights if each is not None], [each for each in biases if each is not None]


def own_choices(student, x, candidates):
    """Indices of the highest cosine by the student's own `matmul` or `dense`, as far as `closest` calls them."""
    used = called_functions(student, "closest").keys()
    lengths = np.linalg.norm(candidates, axis=1)
    unit, units = x / np.linalg.norm(x), candidates / lengths[:, None]
    asked = []
    if "matmul" in used:
        asked += [("matmul", candidates, x[:, None]), ("matmul", units, unit[:, None])]
        asked += [("matmul", x[None, :], candidates.T), ("matmul", unit[None, :], units.T)]
    if "dense" in used:
        nothing = np.zeros(len(candidates))
        asked += [("dense", x, candidates.T, nothing), ("dense", unit, units.T, nothing)]
        asked += [("dense", candidates, x[:, None], np.zeros(1)), ("dense", units, unit[:, None], np.zeros(1))]
    for position, question in enumerate(asked):
        own = ask(student, *question)
        if own is not None and own.size == len(candidates):
            yield int(np.argmax(np.ravel(own) / (1 if position % 2 else lengths)))


def read_pair(got, ordered=True):
    """w and b that `collapse` returned; where `ordered`, in this order."""
    expect(isinstance(got, tuple | list) and len(got) == 2, hint="pair")
    if ordered and all(isinstance(each, np.ndarray) for each in got):
        expect((got[0].ndim, got[1].ndim) != (1, 2), hint="swapped_pair")
    return got


# ---------------------------------------------------------------- matmul: 3 points


@check(points=0.5, task="matmul", es="El producto trabajado de la clase es correcto, con sus signos.")
def test_matmul_lecture_example(student):
    """The lecture's worked product is right, signs included."""
    a = np.array([[-2, 1, 0, 3], [1, -1, 1, 1], [-2, 1, 1, -2]], float)
    b = np.array([[4, -2, -3], [0, 2, 2], [-4, 3, -2], [-2, 2, 1]], float)
    got = expect_array(student.call("matmul", a, b), (3, 3), hint="product_shape")
    want = np.array([[-14, 12, 11], [-2, 1, -6], [-8, 5, 4]], float)
    wrong = {"deck": wrong_product(a, b)["first_sign"], **wrong_product(a, b)}
    expect_close(got, want, rtol=RTOL, atol=ATOL, hint="product", mistaken=wrong)


@check(points=0.5, task="matmul", es="El producto es correcto con matrices nuevas, cuadradas y alargadas.")
def test_matmul_new_matrices(student, rng):
    """The product is right on new matrices, square and oblong."""
    for m, n, p in ((3, 3, 3), (2, 5, 4), (4, 3, 2)):
        a, b = matrix(rng, m, n), matrix(rng, n, p)
        a[0] *= -np.sign(product(a, b)[0, 0])  # a negative first cell, as in the lecture: its sign must be kept
        got = expect_array(student.call("matmul", a, b), hint="product_shape")
        wrong = wrong_product(a, b)
        expect(got.shape == (m, p) or not same(got, wrong["transposed_result"]), hint="transposed_result")
        expect(got.shape == (m, p), hint="product_shape")
        expect_close(got, product(a, b), rtol=RTOL, atol=ATOL, hint="product", mistaken=wrong)


@check(points=0.25, task="matmul", es="Con una sola fila, columna o casilla, el resultado sigue siendo una matriz.")
def test_matmul_thin_matrices(student, rng):
    """With a single row, column or cell the result is still a matrix."""
    for m, n, p in ((1, 4, 1), (4, 1, 3), (1, 3, 2), (3, 2, 1), (1, 1, 1)):
        a, b = matrix(rng, m, n), matrix(rng, n, p)
        expect_array(student.call("matmul", a, b), (m, p), hint="product_shape")


@check(points=0.5, task="matmul", es="Cumple las leyes: identidad, asociativa y traspuesta de un producto.")
def test_matmul_laws(student, rng):
    """It obeys the laws: identity, associativity, the transpose of a product."""
    a, b, c = matrix(rng, 3, 4), matrix(rng, 4, 2), matrix(rng, 2, 3)
    a[0, 0] = -abs(a[0, 0])

    def times(left, right):
        return expect_array(student.call("matmul", left, right), (len(left), len(right[0])), hint="product_shape")

    expect_close(times(a, np.eye(4)), a, rtol=RTOL, atol=ATOL, hint="identity")
    expect_close(times(np.eye(3), a), a, rtol=RTOL, atol=ATOL, hint="identity")
    ab = times(a, b)
    expect_close(times(ab, c), times(a, times(b, c)), rtol=1e-4, atol=1e-4, hint="associative")
    expect_close(times(b.T, a.T), ab.T, rtol=RTOL, atol=ATOL, hint="transposition")


@check(points=0.25, task="matmul", es="Listas y enteros, también mezclados con decimales, dan lo mismo que los floats.")
def test_matmul_lists_and_integers(student, rng):
    """Lists and integers, mixed with decimals too, give the same as floats."""
    whole, other = rng.integers(-6, 7, (3, 3)), rng.integers(-6, 7, (3, 3))
    decimals = matrix(rng, 3, 3)
    for a, b in ((whole, other), (whole, decimals), (decimals, whole)):
        plain = expect_array(student.call("matmul", a.astype(float), b.astype(float)), hint="product_shape")
        for left, right in ((a, b), (a.tolist(), b.tolist()), (a.tolist(), b), (a, b.tolist())):
            got = expect_array(student.call("matmul", left, right), hint="lists")
            expect_close(got, plain, rtol=RTOL, atol=ATOL, hint="lists", mistaken={"truncated": np.trunc(plain)})


@check(points=0.25, task="matmul", es="Las matrices cuyas formas no encajan se rechazan con ValueError.")
def test_matmul_refuses_misfits(student, rng):
    """Matrices whose shapes do not fit are refused with ValueError."""
    expect(not student.observe("matmul", matrix(rng, 2, 3), matrix(rng, 3, 2)).exceptions, hint="refuses_all")
    for left, right in (((2, 3), (2, 3)), ((2, 4), (3, 2)), ((2, 2), (4, 3)), ((3, 1), (3, 2)), ((2, 3), (1, 2))):
        expect_raises(student, "ValueError", "matmul", matrix(rng, *left), matrix(rng, *right), hint="inner_sizes")


@check(points=0.25, task="matmul", es="Un vector de una dimensión se rechaza con ValueError.")
def test_matmul_refuses_vectors(student, rng):
    """A one-dimensional vector is refused with ValueError."""
    vector, square = matrix(rng, 1, 3)[0], matrix(rng, 3, 3)
    expect(not student.observe("matmul", square, square).exceptions, hint="refuses_all")
    for left, right in ((vector, square), (square, vector), (vector, vector)):
        expect_raises(student, "ValueError", "matmul", left, right, hint="one_dimensional")


@check(points=0.5, task="matmul", es="El producto está hecho con bucles o sumas, sin @, dot ni parientes.")
def test_matmul_made_by_hand(student, rng):
    """The product is made with loops or sums, without @, dot or their relatives."""
    a, b = matrix(rng, 2, 2), matrix(rng, 2, 2)
    answers = [
        np.ravel(expect_array(student.call("matmul", left, right), hint="ignores_input")).tolist()
        for left, right in ((a, b), (a + 1.7, b), (a, b + 1.3))
    ]
    expect(answers[0] != answers[1] and answers[0] != answers[2], hint="ignores_input")
    expect(not ready_made_products(called_functions(student, "matmul")), hint="ready_made")


# ---------------------------------------------------------------- dense: 2 points


@check(points=0.75, task="dense", es="La salida de un lote es correcta, con pesos cuadrados y alargados.")
def test_dense_batch_values(student, rng):
    """The output of a batch is right, with square and oblong weights."""
    for n, d, units in ((3, 3, 3), (6, 4, 2), (2, 3, 5)):
        x, w, b = matrix(rng, n, d), matrix(rng, d, units), matrix(rng, 1, units)[0]
        want = product(x, w) + b
        try:
            got = expect_array(student.call("dense", x, w, b), (n, units), hint="layer_shape")
            if not same(got, want) and not any(same(got, own) for own in own_layers(student, x, w, b)):
                expect_close(got, want, rtol=RTOL, atol=ATOL, hint="layer", mistaken=wrong_layer(x, w, b))
        except (StudentError, CheckFailed):
            if not stumbles(student, "dense", x, w):
                raise


@check(points=0.25, task="dense", es="Una entrada de ceros da el sesgo en todas las filas.")
def test_dense_zero_input(student, rng):
    """An input of zeros gives the bias in every row."""
    # Square weights here and below: whoever transposes them pays for it above.
    for n, units in ((4, 4), (5, 3)):
        x, w, b = np.zeros((n, units)), matrix(rng, units, units), matrix(rng, 1, units)[0]
        b[0] = -abs(b[0])
        want = np.tile(b, (n, 1))
        wrong = {"no_bias": np.zeros((n, units)), "bias_sign": -want}
        if n == units:
            wrong["bias_axis"] = want.T
        try:
            got = expect_array(student.call("dense", x, w, b), (n, units), hint="layer_shape")
            if not same(got, want) and not any(same(got, own) for own in own_layers(student, x, w, b)):
                expect_close(got, want, rtol=RTOL, atol=ATOL, hint="zero_input", mistaken=wrong)
        except (StudentError, CheckFailed):
            if not stumbles(student, "dense", x, w):
                raise


@check(points=0.5, task="dense", es="Una sola muestra (d,) da (units,), lo mismo que dentro de un lote.")
def test_dense_single_sample(student, rng):
    """A single sample (d,) gives (units,), the same as within a batch."""
    for units in (4, 2, 1):
        batch, w, b = matrix(rng, 3, units), matrix(rng, units, units), matrix(rng, 1, units)[0]
        try:
            got = student.call("dense", batch[0], w, b)
            expect(np.shape(got) != (1, units) if isinstance(got, np.ndarray | list) else True, hint="single_batch")
            got = expect_array(got, (units,), hint="single")
            # The student's own batch, so that mistaken values cost nothing here; where it has none, the right one.
            own = ask(student, "dense", batch, w, b)
            plain = own[0] if own is not None and own.shape == (3, units) else product(batch, w)[0] + b
            expect_close(got, plain, rtol=RTOL, atol=ATOL, hint="single")
        except (StudentError, CheckFailed):
            if not stumbles(student, "dense", batch[:1], w):
                raise


@check(points=0.25, task="dense", es="Un lote de una muestra y una capa de una neurona conservan sus dos ejes.")
def test_dense_batch_of_one(student, rng):
    """A batch of one sample and a layer of one neuron keep their two axes."""
    for n, units in ((1, 3), (5, 1), (1, 1)):
        x, w, b = matrix(rng, n, units), matrix(rng, units, units), matrix(rng, 1, units)[0]
        try:
            expect_array(student.call("dense", x, w, b), (n, units), hint="batch_of_one")
        except (StudentError, CheckFailed):
            if not stumbles(student, "dense", x, w):
                raise


@check(points=0.25, task="dense", es="Listas y enteros, también mezclados con decimales, dan lo mismo que los floats.")
def test_dense_lists_and_integers(student, rng):
    """Lists and integers, mixed with decimals too, give the same as floats."""
    x, w = rng.integers(-5, 6, (4, 4)), rng.integers(-5, 6, (4, 4))
    for bias in (rng.integers(1, 9, 4), matrix(rng, 1, 4)[0]):
        plain = expect_array(
            student.call("dense", x.astype(float), w.astype(float), bias.astype(float)), hint="layer_shape"
        )
        for args in ((x, w, bias), (x.tolist(), w.tolist(), bias.tolist()), (x, w.astype(float), bias)):
            try:
                got = expect_array(student.call("dense", *args), hint="lists")
                expect_close(got, plain, rtol=RTOL, atol=ATOL, hint="lists", mistaken={"truncated": np.trunc(plain)})
            except (StudentError, CheckFailed):
                if not stumbles_over_lists(student, "dense", x, w, bias):
                    raise


# ---------------------------------------------------------------- collapse: 2 points

# Square layers where weights or biases are judged alone: a mistake in one then raises no error that costs the other.
SQUARE = ((3, 3, 3), (2, 2, 2))  # d, h, units
OBLONG = ((4, 3, 2), (2, 5, 4), (4, 3, 4))


def two_layers(rng, d, h, units):
    """w1, b1, w2, b2."""
    return matrix(rng, d, h), matrix(rng, 1, h)[0], matrix(rng, h, units), matrix(rng, 1, units)[0]


@check(points=0.5, task="collapse", es="Los pesos son los de las dos capas juntas.")
def test_collapse_weights(student, rng):
    """The weights are those of the two layers together."""
    for d, h, units in SQUARE:
        w1, b1, w2, b2 = two_layers(rng, d, h, units)
        w, _ = read_pair(student.call("collapse", w1, b1, w2, b2))
        if same(w, product(w1, w2)) or any(same(w, own) for own in own_collapses(student, w1, b1, w2, b2)[0]):
            continue
        wrong = {"weights_reversed": product(w2, w1), "weights_added": w1 + w2, "elementwise": w1 * w2}
        got = expect_array(w, (d, units), hint="weights_shape")
        expect_close(got, product(w1, w2), rtol=RTOL, atol=ATOL, hint="weights", mistaken=wrong)


@check(points=0.5, task="collapse", es="El sesgo es el de las dos capas juntas, con forma (units,).")
def test_collapse_bias(student, rng):
    """The bias is that of the two layers together, of shape (units,)."""
    for d, h, units in SQUARE:
        w1, b1, w2, b2 = two_layers(rng, d, h, units)
        _, b = read_pair(student.call("collapse", w1, b1, w2, b2))
        carried = product(b1[None, :], w2)[0]
        if same(b, carried + b2) or any(same(b, own) for own in own_collapses(student, w1, b1, w2, b2)[1]):
            continue
        wrong = {
            "first_bias_lost": b2,
            "second_bias_lost": carried,
            "bias_added": b1 + b2,
            "bias_transposed": product(w2, b1[:, None])[:, 0] + b2,
            "bias_first_weights": product(b1[None, :], w1)[0] + b2,
        }
        got = expect_array(b, (units,), hint="bias_shape")
        expect_close(got, carried + b2, rtol=RTOL, atol=ATOL, hint="bias", mistaken=wrong)


@check(points=0.5, task="collapse", es="Con cualquier entrada, la capa única da lo mismo que las dos seguidas.")
def test_collapse_same_output(student, rng):
    """For any input the single layer gives the same as the two in a row."""
    for d, h, units in OBLONG:
        layers = two_layers(rng, d, h, units)
        try:
            judge_output(student, layers, matrix(rng, 7, d))
        except (StudentError, CheckFailed):
            # A `dense` or `matmul` of the student's that fails on oblong weights has paid for it: square ones will do.
            w1, b1, w2, b2 = layers
            questions = (
                ("dense", (w1, w2, b2), (d, units)),
                ("dense", (b1, w2, b2), (units,)),
                ("dense", (np.eye(d), w1, b1), (d, h)),
                ("matmul", (w1, w2), (d, units)),
            )
            used = called_functions(student, "collapse").keys()
            answers = [(ask(student, name, *args), shape) for name, args, shape in questions if name in used]
            if all(own is not None and own.shape == shape for own, shape in answers):
                raise
            judge_output(student, two_layers(rng, 3, 3, 3), matrix(rng, 7, 3))


def judge_output(student, layers, x):
    """The layer that `collapse` makes of these two, against the two in a row on the samples x."""
    w1, b1, w2, b2 = layers
    d, units = len(w1), len(b2)
    w, b = read_pair(student.call("collapse", w1, b1, w2, b2))
    w = expect_array(w, (d, units), hint="weights_shape")
    b = np.ravel(expect_array(b, hint="bias_shape"))  # its shape is judged above
    expect(b.shape == (units,), hint="bias_shape")
    if not same(product(x, w) + b, product(product(x, w1) + b1, w2) + b2):
        weights, biases = own_collapses(student, w1, b1, w2, b2)
        follows = any(same(w, own) for own in (*weights, product(w1, w2)))
        follows = follows and any(same(b, np.ravel(own)) for own in (*biases, product(b1[None, :], w2)[0] + b2))
        expect(follows, hint="not_equal")


@check(
    points=0.25, task="collapse", es="Listas y enteros, también mezclados con decimales, dan lo mismo que los floats."
)
def test_collapse_lists_and_integers(student, rng):
    """Lists and integers, mixed with decimals too, give the same as floats."""
    whole = [rng.integers(-5, 6, shape) for shape in ((3, 3), (3,), (3, 3), (3,))]
    mixed = [whole[0], matrix(rng, 1, 3)[0], whole[2], whole[3]]
    for given in (whole, mixed):
        plain = read_pair(student.call("collapse", *(each.astype(float) for each in given)), ordered=False)
        for spelled in (given, [each.tolist() for each in given]):
            try:
                got = read_pair(student.call("collapse", *spelled), ordered=False)
                for one, other in zip(got, plain, strict=True):
                    other = expect_array(other, hint="pair")
                    expect_close(expect_array(one, hint="lists"), other, rtol=RTOL, atol=ATOL, hint="lists")
            except (StudentError, CheckFailed):
                w1, b1, w2, b2 = given
                if not any(stumbles_over_lists(student, "collapse", *layer) for layer in ((w1, w2, b2), (w1, w1, b1))):
                    raise


@check(points=0.25, task="collapse", es="Los arrays recibidos quedan intactos.")
def test_collapse_input_untouched(student, rng):
    """The arrays that are passed in stay as they were."""
    given = two_layers(rng, 3, 3, 3)
    call = student.observe("collapse", *(each.copy() for each in given))
    expect(not call.exceptions, hint="pair")
    read_pair(call.value, ordered=False)
    expect_unchanged(call, *given, hint="mutated")


# ---------------------------------------------------------------- count_parameters: 1 point


@check(points=0.25, task="count_parameters", es="La red de la clase tiene el número correcto de parámetros.")
def test_count_lecture_example(student):
    """The lecture's network has the right number of parameters."""
    got = expect_integer(student.call("count_parameters", [4, 3, 4]), hint="integer")
    expect_close(got, 31, hint="count", mistaken=wrong_count([4, 3, 4]))


@check(points=0.25, task="count_parameters", es="La cuenta es correcta en otras redes, cortas y largas.")
def test_count_other_networks(student, rng):
    """The count is right for other networks, short and long."""
    for length in (3, 2, 5):
        # Ever smaller, so that no two networks read the same both ways.
        sizes = sorted(rng.choice(np.arange(2, 40), length, replace=False).tolist(), reverse=True)
        got = expect_number(student.call("count_parameters", sizes), hint="integer")
        expect_close(got, count(sizes), hint="count", mistaken=wrong_count(sizes))


@check(
    points=0.25, task="count_parameters", es="Una tupla o un array de enteros da lo mismo que una lista, que no cambia."
)
def test_count_containers(student, rng):
    """A tuple or an array of integers gives the same as a list, which does not change."""
    sizes = rng.integers(2, 30, 4).tolist()
    call = student.observe("count_parameters", list(sizes))
    expect(not call.exceptions, hint="count")
    plain = expect_number(call.value, hint="integer")
    expect_unchanged(call, sizes, hint="containers")
    for spelled in (tuple(sizes), np.array(sizes)):
        got = expect_number(student.call("count_parameters", spelled), hint="containers")
        expect(got == plain, hint="containers")


@check(points=0.25, task="count_parameters", es="Con menos de dos tamaños se lanza ValueError.")
def test_count_refuses_too_few(student):
    """Fewer than two sizes raise ValueError."""
    expect(not student.observe("count_parameters", [3, 2]).exceptions, hint="refuses_all")
    for sizes in ([], [7]):
        expect_raises(student, "ValueError", "count_parameters", sizes, hint="too_few")


# ---------------------------------------------------------------- closest: 2 points


def judge_choice(student, x, candidates, wrong):
    """The index of the highest cosine, by the oracle or by the student's own product."""
    want = int(np.argmax(cosines(x, candidates)))
    got = expect_integer(student.call("closest", x, candidates), hint="index")
    if got != want and got not in own_choices(student, x, candidates):
        expect_close(got, want, hint="direction", mistaken={**wrong, "from_one": want + 1})


def turned(rng, x, amount, length):
    """A vector of that length whose direction is off x by a sideways part `amount`, in units of x's length."""
    unit = x / np.linalg.norm(x)
    side = rng.normal(size=x.size)
    side -= (side @ unit) * unit
    mixed = unit + amount * side / np.linalg.norm(side)
    return length * mixed / np.linalg.norm(mixed)


def rivals(rng, d):
    """x and candidates, anywhere in a ring: the right one, far away and short; the nearest; the longest; two of no use."""
    x = matrix(rng, 1, d)[0] * 2
    size = np.linalg.norm(x)
    right = turned(rng, x, 0.1, 0.2 * size)
    nearest = turned(rng, x, 0.35, size)
    longest = turned(rng, x, 0.9, 6 * size)
    # Beside x rather than against it: whoever drops the sign is told by another check.
    aside = [turned(rng, x, 4, 1.2 * size), turned(rng, x, 9, 0.8 * size)]
    # After the right one comes one of no use, so that whoever counts from 1 is told apart from the other mistakes.
    table = np.array([nearest, longest, right, *aside])
    return x, np.roll(table, rng.integers(len(table)), axis=0)


@check(points=0.5, task="closest", es="Elige el candidato de mayor similitud del coseno, esté donde esté.")
def test_closest_direction(student, rng):
    """It chooses the candidate of highest cosine similarity, wherever it stands."""
    for d in (2, 3, 6, 4):
        x, candidates = rivals(rng, d)
        wrong = {
            "distance": by_distance(x, candidates),
            "unnormalised": by_product(x, candidates),
            "least": int(np.argmin(cosines(x, candidates))),
        }
        judge_choice(student, x, candidates, wrong)


@check(points=0.25, task="closest", es="Alargar o acortar los vectores no cambia la respuesta.")
def test_closest_any_length(student, rng):
    """Making the vectors longer or shorter does not change the answer."""
    x, candidates = rivals(rng, 4)
    plain = expect_integer(student.call("closest", x, candidates), hint="index")
    for k in range(len(candidates)):
        # One candidate after the other becomes long, then as short; x changes its length as well.
        for stretch in (50.0, 0.02):
            factors = np.ones(len(candidates))
            factors[k] = stretch
            got = expect_integer(
                student.call("closest", x * rng.uniform(0.1, 9), candidates * factors[:, None]), hint="index"
            )
            expect(got == plain, hint="length_matters")


@check(points=0.25, task="closest", es="Un candidato que apunta al revés es el menos parecido, no el más.")
def test_closest_opposite(student, rng):
    """A candidate that points the opposite way is the least similar, not the most."""
    for d in (3, 5):
        x = matrix(rng, 1, d)[0]
        # Without any opposite first, where the least similar is not the one that a dropped sign would choose.
        judge_choice(
            student, x, np.array([turned(rng, x, amount, 1.0) for amount in (1.0, 0.2, 2.0, 5.0)]), {"least": 3}
        )
        # All of one length, so that only the sign is at stake.
        table = np.array([-x, turned(rng, x, 0.6, np.linalg.norm(x)), turned(rng, -x, 0.5, np.linalg.norm(x))])
        judge_choice(student, x, table, {"sign_dropped": 0})
        # Even when every cosine is negative, the highest of them wins.
        table = np.array([turned(rng, -x, 0.2, 1.0), turned(rng, -x, 1.5, 1.0), -x])
        judge_choice(student, x, table, {"sign_dropped": 2})


@check(points=0.25, task="closest", es="Si x es el vector cero se lanza ValueError.")
def test_closest_refuses_zero_x(student, rng):
    """If x is the zero vector, ValueError is raised."""
    candidates = matrix(rng, 4, 3)
    expect(not student.observe("closest", matrix(rng, 1, 3)[0], candidates).exceptions, hint="refuses_all")
    expect_raises(student, "ValueError", "closest", np.zeros(3), candidates, hint="zero_x")


@check(points=0.25, task="closest", es="Si un candidato es el vector cero se lanza ValueError.")
def test_closest_refuses_zero_candidate(student, rng):
    """If any candidate is the zero vector, ValueError is raised."""
    x, candidates = matrix(rng, 1, 3)[0], matrix(rng, 4, 3)
    expect(not student.observe("closest", x, candidates).exceptions, hint="refuses_all")
    for k in range(4):
        with_zero = candidates.copy()
        with_zero[k] = 0
        expect_raises(student, "ValueError", "closest", x, with_zero, hint="zero_candidate")


@check(points=0.25, task="closest", es="Listas y enteros dan el mismo índice que los arrays de floats.")
def test_closest_lists_and_integers(student, rng):
    """Lists and integers give the same index as arrays of floats."""
    for _ in range(3):
        x, candidates = rivals(rng, 4)
        x, candidates = np.round(40 * x).astype(int), np.round(40 * candidates).astype(int)
        plain = expect_integer(student.call("closest", x.astype(float), candidates.astype(float)), hint="index")
        for args in ((x, candidates), (x.tolist(), candidates.tolist()), (x.astype(float), list(candidates))):
            got = expect_integer(student.call("closest", *args), hint="lists")
            expect(got == plain, hint="lists")


@check(points=0.25, task="closest", es="El vector y la tabla recibidos quedan intactos.")
def test_closest_input_untouched(student, rng):
    """The vector and the table that are passed in stay as they were."""
    x, candidates = rivals(rng, 5)
    call = student.observe("closest", x.copy(), candidates.copy())
    expect(not call.exceptions, hint="index")
    expect(call.value is not None, hint="index")
    expect_unchanged(call, x, candidates, hint="mutated")
