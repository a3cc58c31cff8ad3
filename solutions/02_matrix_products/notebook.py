# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown] lang="es"
# # Productos de matrices: lo que calcula una capa
#
# Por dentro, una capa de neuronas hace una sola cuenta: **multiplica dos matrices y suma un vector**. Quien entiende
# esa cuenta puede leer cualquier red: qué forma tiene lo que entra y lo que sale, cuántos parámetros hay, y qué se
# pierde si falta la activación. Este cuaderno la construye desde la primera multiplicación.
#
# **Al terminar sabrás**
#
# 1. multiplicar dos matrices, a mano y en código, y decir de antemano qué formas encajan;
# 2. escribir lo que calcula una capa densa, para una sola muestra y para un lote;
# 3. explicar por qué dos capas lineales seguidas valen lo mismo que una, y para qué está la activación;
# 4. contar los parámetros de una red a partir de sus tamaños;
# 5. encontrar el vector más parecido con la similitud del coseno, y decir cuándo engaña la distancia.
#
# **Antes necesitas:** bucles y funciones en Python, y arrays de NumPy (forma, filas, columnas).
#
# **Tiempo:** unos 75 minutos. **Cinco tareas, 10 puntos.** Cada tarea tiene debajo una celda de comprobación:
# ejecútala cuantas veces quieras.

# %% [markdown] lang="en"
# # Matrix products: what a layer computes
#
# Inside, a layer of neurons does a single sum: **it multiplies two matrices and adds a vector**. Whoever understands
# that can read any network: the shape of what goes in and comes out, how many parameters there are, and what is lost
# when the activation is missing. This notebook builds it from the first multiplication on.
#
# **At the end you can**
#
# 1. multiply two matrices, by hand and in code, and tell beforehand which shapes fit;
# 2. write what a dense layer computes, for a single sample and for a batch;
# 3. explain why two linear layers in a row are worth no more than one, and what the activation is for;
# 4. count the parameters of a network from its sizes;
# 5. find the most similar vector by cosine similarity, and say when distance misleads.
#
# **You need:** Python loops and functions, and NumPy arrays (shape, rows, columns).
#
# **Time:** about 75 minutes. **Five tasks, 10 points.** Each task has a checking cell below it: run it as often as
# you like.

# %% role="setup"
import matplotlib.pyplot as plt
import numpy as np

# Okabe-Ito palette: these colours stay apart for colour-blind readers as well.
BLACK, ORANGE, SKY, GREEN, BLUE, RED = "#000000", "#E69F00", "#56B4E9", "#009E73", "#0072B2", "#D55E00"
plt.rcParams.update({"axes.spines.top": False, "axes.spines.right": False, "axes.grid": True, "grid.alpha": 0.25})
plt.rcParams["axes.axisbelow"] = True

# The lecture's worked product: a (3, 4) times b (4, 3) gives a table (3, 3).
a = np.array([[-2, 1, 0, 3], [1, -1, 1, 1], [-2, 1, 1, -2]])
b = np.array([[4, -2, -3], [0, 2, 2], [-4, 3, -2], [-2, 2, 1]])
worked = np.array([[-14, 12, 11], [-2, 1, -6], [-8, 5, 4]])


def paint(axes, table, left=0.0, top=0.0, limit=14, digits=0):
    """Draws a matrix as coloured cells, its upper left corner at (left, top): orange negative, purple positive."""
    rows, columns = np.shape(table)
    extent = (left, left + columns, top - rows, top)
    axes.imshow(table, cmap="PuOr", vmin=-limit, vmax=limit, extent=extent, alpha=0.85)
    for i in range(rows):
        for j in range(columns):
            colour = "white" if not -0.8 < table[i][j] / limit < 0.62 else BLACK
            text = f"{round(float(table[i][j]), digits) + 0.0:.{digits}f}".replace("-", "−")
            axes.text(left + j + 0.5, top - i - 0.5, text, ha="center", va="center", color=colour, fontsize=12)
    for j in range(columns + 1):
        axes.plot([left + j] * 2, [top - rows, top], color="white", linewidth=2)
    for i in range(rows + 1):
        axes.plot([left, left + columns], [top - i] * 2, color="white", linewidth=2)


# %% [markdown] lang="es"
# ## 1. El producto, casilla a casilla
#
# Una neurona recibe varios números, multiplica cada uno por un peso y lo suma todo. Es la cuenta de un bar: 2 cafés
# y 1 tostada, cada cosa por su precio, y se suma. Con varias mesas (filas) y varias listas de precios (columnas: barra,
# terraza) sale una tabla de cuentas. Eso es un **producto de matrices**: cada casilla es *una fila de la izquierda
# contra una columna de la derecha*.
#
# $$C=AB\qquad c_{ij}=a_{i1}b_{1j}+a_{i2}b_{2j}+\dots+a_{in}b_{nj}=\sum_{k=1}^{n}a_{ik}\,b_{kj}$$
#
# Este es el ejemplo trabajado de la clase. Para leerlo bien, colocamos $B$ encima del resultado: así cada casilla
# está en el cruce de la fila y la columna que la producen.

# %% [markdown] lang="en"
# ## 1. The product, cell by cell
#
# A neuron receives several numbers, multiplies each by a weight and adds everything up. It is the bill in a café: 2
# coffees and 1 toast, each times its price, added up. With several tables (rows) and several price lists (columns:
# bar, terrace) this gives a table of bills. That is a **matrix product**: every cell is *one row from the left against
# one column from the right*.
#
# $$C=AB\qquad c_{ij}=a_{i1}b_{1j}+a_{i2}b_{2j}+\dots+a_{in}b_{nj}=\sum_{k=1}^{n}a_{ik}\,b_{kj}$$
#
# This is the lecture's worked example. To read it well we place $B$ above the result: then every cell lies where the
# row and the column that produce it cross.

# %% role="demo"
figure, axes = plt.subplots(figsize=(7.6, 6.6))
paint(axes, a, left=0, top=3)
paint(axes, b, left=5, top=8)
paint(axes, worked, left=5, top=3)
for left, bottom, width, height in ((0, 2, 4, 1), (5, 4, 1, 4), (5, 2, 1, 1)):
    axes.add_patch(plt.Rectangle((left, bottom), width, height, fill=False, edgecolor=GREEN, linewidth=4, zorder=3))
axes.annotate("", (5, 2.5), (4, 2.5), arrowprops={"arrowstyle": "->", "color": GREEN, "linewidth": 2.5})
axes.annotate("", (5.5, 3), (5.5, 4), arrowprops={"arrowstyle": "->", "color": GREEN, "linewidth": 2.5})
axes.text(2, -0.35, "A  (3, 4)", ha="center", va="top", fontsize=13)
axes.text(6.5, 8.2, "B  (4, 3)", ha="center", va="bottom", fontsize=13)
axes.text(6.5, -0.35, "C = AB  (3, 3)", ha="center", va="top", fontsize=13)
axes.text(
    0,
    6.4,
    T(
        es="fila 1 contra columna 1:\n\n(−2)·4 + 1·0 + 0·(−4) + 3·(−2)\n\n= −8 + 0 + 0 − 6 = −14",
        en="row 1 against column 1:\n\n(−2)·4 + 1·0 + 0·(−4) + 3·(−2)\n\n= −8 + 0 + 0 − 6 = −14",
    ),
    va="center",
    fontsize=11.5,
)
axes.set(xlim=(-0.2, 8.2), ylim=(-0.9, 8.8), aspect="equal")
axes.axis("off")
plt.show()

# %% [markdown] lang="es"
# **Qué se ve.** Tres tablas de casillas de colores con su número escrito (naranja, negativo; morado, positivo; cuanto
# más intenso, mayor). Abajo a la izquierda $A$, de 3 filas y 4 columnas; arriba a la derecha $B$, de 4 × 3; en el
# cruce, el resultado $C$, de 3 × 3. Un marco verde une la primera fila de $A$, la primera columna de $B$ y la casilla
# donde se cruzan, que vale −14.
#
# > **Cuidado con la diapositiva.** Allí esa primera casilla es 14, sin signo. Es una errata que tienta: se ven dos
# > negativos, −8 y −6, y la cabeza recita «menos y menos, más». Pero esa regla es de la **multiplicación**; aquí ya
# > se está **sumando**, y dos deudas sumadas son una deuda mayor: −8 + (−6) = −14.
#
# ### Qué formas encajan
#
# Cada fila de $A$ debe ser tan larga como cada columna de $B$. Escribe las formas una al lado de la otra: los dos
# números de **dentro** tienen que coincidir, y desaparecen; los de **fuera** son la forma del resultado.
#
# $$(m,\underline{n})\cdot(\underline{n},p)\to(m,p)\qquad\text{aquí}\quad(3,\underline{4})\cdot(\underline{4},3)\to(3,3)$$
#
# No lo confundas con el producto **casilla por casilla**, que en NumPy es `a * b` y empareja posiciones iguales sin
# sumar nada. Con dos matrices cuadradas, los dos funcionan sin error y dan cosas distintas.
#
# ### Tarea 1 · `matmul` (3 puntos)
#
# Escribe `matmul(a, b)`: devuelve el producto de dos matrices, de forma `(m, p)`.
#
# - Hazlo **con bucles o con sumas**: sin `@`, `dot`, `matmul`, `einsum`, `tensordot`, `inner` ni sus parientes
#   (`vdot`, `multi_dot`…), tampoco en las funciones auxiliares que llames. `sum`, `np.sum` y `zip` valen.
# - `a` y `b` pueden ser arrays o listas de listas, de enteros o de decimales.
# - Si las formas no encajan, o si alguna de las dos no es una matriz (un vector `(n,)` no lo es), lanza `ValueError`.

# %% [markdown] lang="en"
# **What you see.** Three tables of coloured cells with their numbers written inside (orange negative, purple positive;
# the stronger the colour, the larger). At the bottom left $A$, with 3 rows and 4 columns; at the top right $B$, 4 × 3;
# where they cross, the result $C$, 3 × 3. Green frames join the first row of $A$, the first column of $B$, and the
# cell where they cross, which is −14.
#
# > **Mind the slide.** There this first cell is 14, without its sign. It is a slip that tempts: two negatives are in
# > sight, −8 and −6, and the mind recites "minus and minus make plus". But that rule is for **multiplying**; here we
# > are already **adding**, and two debts together are a larger debt: −8 + (−6) = −14.
#
# ### Which shapes fit
#
# Each row of $A$ must be as long as each column of $B$. Write the shapes side by side: the two **inner** numbers have
# to agree, and vanish; the **outer** ones are the shape of the result.
#
# $$(m,\underline{n})\cdot(\underline{n},p)\to(m,p)\qquad\text{here}\quad(3,\underline{4})\cdot(\underline{4},3)\to(3,3)$$
#
# Do not mistake it for the product **cell by cell**, which NumPy writes `a * b` and which pairs equal positions
# without adding anything up. With two square matrices both run without an error and give different things.
#
# ### Task 1 · `matmul` (3 points)
#
# Write `matmul(a, b)`: it returns the product of two matrices, of shape `(m, p)`.
#
# - Do it **with loops or sums**: no `@`, `dot`, `matmul`, `einsum`, `tensordot`, `inner` or their relatives (`vdot`,
#   `multi_dot`…), nor in any helper that you call. `sum`, `np.sum` and `zip` are welcome.
# - `a` and `b` may be arrays or lists of lists, of integers or decimals.
# - When the shapes do not fit, or one of the two is no matrix (a vector `(n,)` is none), raise `ValueError`.


# %% task="matmul" points=3
def matmul(a, b):
    """Product of two matrices, with loops or sums: no `@`, no dot, matmul, einsum and the like.

    a: array or list of lists, shape (m, n). b: the same, shape (n, p). Returns an array, shape (m, p).
    Raises ValueError when a or b is no matrix (1-D included) or when their inner sizes differ.
    """
    ### BEGIN SOLUTION
    left, right = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if left.ndim != 2 or right.ndim != 2 or left.shape[1] != right.shape[0]:
        raise ValueError(f"shapes {left.shape} and {right.shape} do not fit: (m, n) and (n, p) are needed")
    result = np.zeros((left.shape[0], right.shape[1]))
    for i, row in enumerate(left):
        for j, column in enumerate(right.transpose()):
            result[i, j] = np.sum(row * column)
    return result
    ### END SOLUTION


# %% check="matmul"
def test_worked_table(matmul, a, b, worked):
    """es: El ejemplo de la clase da la tabla de la figura. | en: The lecture's example gives the table of the figure."""
    import numpy as np

    got = matmul(a, b)
    assert got is not None, T(
        es="La función no devuelve nada: ¿falta return?", en="Nothing is returned: is return missing?"
    )
    assert np.shape(got) == (3, 3), T(
        es=f"(3, 4) por (4, 3) debe dar la forma (3, 3) y salió {np.shape(got)}: filas de a, columnas de b.",
        en=f"(3, 4) times (4, 3) must have shape (3, 3), got {np.shape(got)}: rows of a, columns of b.",
    )
    got = np.asarray(got)
    assert abs(got[0, 0] - 14) > 1e-9, T(
        es="La primera casilla te da 14, como en la diapositiva. Suma −8 y −6 con sus signos.",
        en="Your first cell is 14, as on the slide. Add −8 and −6 with their signs.",
    )
    assert not np.allclose(got, np.transpose(worked)), T(
        es="La tabla sale traspuesta: result[i, j] es la fila i de a contra la columna j de b.",
        en="The table comes out transposed: result[i, j] is row i of a against column j of b.",
    )
    assert np.allclose(got, worked), T(
        es=f"Salió\n{got}\ny se esperaba\n{worked}\nCalcula a mano una casilla en la que difieran.",
        en=f"Got\n{got}\nexpected\n{worked}\nWork out by hand one cell in which they differ.",
    )


def test_row_and_column(matmul):
    """es: Fila por columna es una tabla 1 × 1, y al revés, 3 × 3. | en: Row times column is a 1 × 1 table, the reverse 3 × 3."""
    import numpy as np

    row, column = [[1, 2, 3]], [[4], [5], [6]]
    got = matmul(row, column)
    assert np.shape(got) == (1, 1), T(
        es=f"(1, 3) por (3, 1) debe dar la forma (1, 1) y salió {np.shape(got)}.",
        en=f"(1, 3) times (3, 1) must have shape (1, 1), got {np.shape(got)}.",
    )
    assert np.allclose(got, 32), T(
        es=f"1·4 + 2·5 + 3·6 = 32 y salió {np.ravel(got)[0]}.", en=f"1·4 + 2·5 + 3·6 = 32, got {np.ravel(got)[0]}."
    )
    got = matmul(column, row)
    assert np.shape(got) == (3, 3), T(
        es=f"(3, 1) por (1, 3) debe dar la forma (3, 3) y salió {np.shape(got)}.",
        en=f"(3, 1) times (1, 3) must have shape (3, 3), got {np.shape(got)}.",
    )


def test_square(matmul):
    """es: No es el producto casilla por casilla. | en: It is not the product cell by cell."""
    import numpy as np

    a, b = np.array([[1, 2], [3, 5]]), np.array([[0, 1], [0.5, 0]])
    got, want = np.asarray(matmul(a, b)), np.array([[1, 1], [2.5, 3]])
    assert got.shape == (2, 2), T(es=f"Salió la forma {got.shape}.", en=f"The shape is {got.shape}.")
    assert not np.allclose(got, a * b), T(
        es="Eso es a * b, casilla por casilla: hay que sumar fila contra columna.",
        en="That is a * b, cell by cell: add up row against column.",
    )
    assert not np.allclose(got, [[3, 5], [0.5, 1]]), T(
        es="Has multiplicado en el orden contrario, b por a.", en="You multiplied in the opposite order, b times a."
    )
    assert np.allclose(got, want), T(
        es=f"Salió\n{got}\ny se esperaba\n{want}\n¿Se pierden los decimales? Guarda el resultado en un array de floats.",
        en=f"Got\n{got}\nexpected\n{want}\nAre decimals lost? Keep the result in an array of floats.",
    )


def test_misfits(matmul):
    """es: Lo que no encaja se rechaza con ValueError. | en: What does not fit is refused with ValueError."""
    for left, right in (([[1, 2, 3]], [[1, 2], [3, 4]]), ([1, 2], [[1, 2], [3, 4]]), ([[1, 2], [3, 4]], [1, 2])):
        try:
            got = matmul(left, right)
        except ValueError:
            continue
        except (IndexError, TypeError, AttributeError) as error:
            got = repr(error)
        raise AssertionError(
            T(
                es=f"matmul({left}, {right}) debe lanzar ValueError y salió {got}: comprueba las formas al empezar.",
                en=f"matmul({left}, {right}) must raise ValueError, got {got}: check the shapes first.",
            )
        )


def test_no_ready_made_product(matmul):
    """es: El producto está hecho a mano. | en: The product is made by hand."""
    import dis
    from types import FunctionType

    names = {"dot", "matmul", "einsum", "tensordot", "inner", "vdot", "multi_dot"}
    waiting, seen, used = [matmul.__code__], set(), set()
    while waiting:
        code = waiting.pop()
        if code in seen:
            continue
        seen.add(code)
        used |= {step.argrepr for step in dis.get_instructions(code) if step.argrepr in ("@", "@=")}
        waiting += [part for part in code.co_consts if hasattr(part, "co_code")]
        for name in code.co_names:
            helper = matmul.__globals__.get(name)
            if isinstance(helper, FunctionType):
                waiting.append(helper.__code__)
            elif name in names:
                used.add(name)
    assert not used, T(
        es=f"Usas {sorted(used)}: aquí se trata de escribir el producto con bucles o sumas.",
        en=f"You use {sorted(used)}: the point here is to write the product with loops or sums.",
    )


# %% [markdown] lang="es"
# ### Las leyes del producto
#
# - **Asociativa:** $(AB)C=A(BC)$. Se puede empezar por donde convenga.
# - **Identidad:** $AI=IA=A$, con $I$ la matriz de unos en la diagonal y ceros fuera. No cambia nada.
# - **Trasposición:** $(AB)^\top=B^\top A^\top$. Al cambiar filas por columnas, se invierte el orden.
# - **No es conmutativa:** en general $AB\neq BA$. A veces ni siquiera tienen la misma forma. Apuesta: ¿qué forma
#   tendrá $BA$ en nuestro ejemplo?

# %% [markdown] lang="en"
# ### The laws of the product
#
# - **Associative:** $(AB)C=A(BC)$. Start wherever it suits you.
# - **Identity:** $AI=IA=A$, where $I$ has ones on the diagonal and zeros elsewhere. It changes nothing.
# - **Transposition:** $(AB)^\top=B^\top A^\top$. Swapping rows and columns reverses the order.
# - **Not commutative:** in general $AB\neq BA$. Sometimes they do not even have the same shape. Bet: which shape will
#   $BA$ have in our example?

# %% role="demo"
figure, panels = plt.subplots(1, 2, figsize=(9.5, 4.6), width_ratios=(3, 4), layout="constrained")
for axes, table, name in zip(panels, (matmul(a, b), matmul(b, a)), ("AB", "BA"), strict=True):
    table = np.asarray(table)
    paint(axes, table, limit=20)
    axes.set(xlim=(0, table.shape[1]), ylim=(-table.shape[0], 0), aspect="equal")
    axes.set_title(f"{name}  {table.shape}")
    axes.axis("off")
    print(T(es=f"diagonal de {name}: suma", en=f"diagonal of {name}: sum"), np.trace(table))
plt.show()

# %% [markdown] lang="es"
# **Qué se ve.** A la izquierda $AB$, de 3 × 3; a la derecha $BA$, de 4 × 4: los mismos factores en otro orden dan otra
# tabla, hasta de otro tamaño. Comparten una curiosidad, que imprime la celda: las diagonales suman lo mismo (la
# *traza*).
#
# ## 2. Una capa es un producto
#
# Vuelve a mirar el ejemplo, ahora con otros nombres. Las tres filas de $A$ son tres **muestras** con cuatro
# **características** cada una. Las tres columnas de $B$ son tres **neuronas**, cada una con sus cuatro pesos. Cada
# casilla de $C$ es lo que responde una neurona a una muestra. Falta solo el **sesgo** de cada neurona:
#
# $$y=x\,w+b$$
#
# | | forma | se lee |
# |---|---|---|
# | `x` | `(n, d)` | una fila por muestra |
# | `w` | `(d, units)` | una columna por neurona |
# | `b` | `(units,)` | un sesgo por neurona |
# | `y` | `(n, units)` | una fila por muestra, una columna por neurona |
#
# Es la convención de Keras: `Dense(units)` guarda un `kernel` `(d, units)` y un `bias` `(units,)`. El mismo `b` se
# suma a **todas las filas**.
#
# > **Otra costumbre.** Muchos libros escriben $Wx+b$, con la muestra como columna y los pesos de cada neurona en una
# > **fila** de $W$. Es la misma cuenta traspuesta: $(xw)^\top=w^\top x^\top$, así que $W=w^\top$. De ahí viene el error
# > más tentador de este cuaderno: trasponer los pesos cuando no toca. Si $w$ es cuadrada, nada te avisa.
#
# **Una muestra o un lote.** Un lote `(n, d)` da `(n, units)`. A la nuestra le pedimos además que entienda una muestra
# suelta: `(d,)` da `(units,)`. Un lote de una sola muestra, `(1, d)`, sigue siendo un lote y da `(1, units)`. Keras, en
# cambio, siempre espera el eje del lote: por eso verás `model.predict(x[None, :])`.
#
# ### Tarea 2 · `dense` (2 puntos)
#
# Escribe `dense(x, w, b)`: lo que calcula una capa densa sin activación.
#
# - `x` de forma `(n, d)` da `(n, units)`; `x` de forma `(d,)` da `(units,)`.
# - Se admiten listas, y enteros mezclados con decimales.
# - Aquí `@` está permitido. También puedes llamar a tu `matmul`, pero recuerda que rechaza los vectores.

# %% [markdown] lang="en"
# **What you see.** On the left $AB$, 3 × 3; on the right $BA$, 4 × 4: the same factors in another order give another
# table, even of another size. They share a curiosity, printed by the cell: their diagonals have the same sum (the
# *trace*).
#
# ## 2. A layer is a product
#
# Look at the example again, with other names. The three rows of $A$ are three **samples** with four **features** each.
# The three columns of $B$ are three **neurons**, each with its four weights. Every cell of $C$ is what one neuron
# answers to one sample. Only the **bias** of each neuron is missing:
#
# $$y=x\,w+b$$
#
# | | shape | reads |
# |---|---|---|
# | `x` | `(n, d)` | one row per sample |
# | `w` | `(d, units)` | one column per neuron |
# | `b` | `(units,)` | one bias per neuron |
# | `y` | `(n, units)` | one row per sample, one column per neuron |
#
# This is Keras's convention: `Dense(units)` keeps a `kernel` `(d, units)` and a `bias` `(units,)`. The same `b` is
# added to **every row**.
#
# > **Another habit.** Many books write $Wx+b$, with the sample as a column and the weights of each neuron in a **row**
# > of $W$. It is the same sum transposed: $(xw)^\top=w^\top x^\top$, so $W=w^\top$. Hence the most tempting mistake of
# > this notebook: transposing the weights when there is no need. If $w$ is square, nothing warns you.
#
# **One sample or a batch.** A batch `(n, d)` gives `(n, units)`. Ours shall also understand a sample on its own: `(d,)`
# gives `(units,)`. A batch of one sample, `(1, d)`, is still a batch and gives `(1, units)`. Keras on the other hand
# always expects the batch axis: hence the `model.predict(x[None, :])` that you will meet.
#
# ### Task 2 · `dense` (2 points)
#
# Write `dense(x, w, b)`: what a dense layer without activation computes.
#
# - `x` of shape `(n, d)` gives `(n, units)`; `x` of shape `(d,)` gives `(units,)`.
# - Lists are accepted, and integers mixed with decimals.
# - Here `@` is allowed. You may also call your `matmul`, but remember that it refuses vectors.


# %% task="dense" points=2
def dense(x, w, b):
    """What a dense layer without activation computes, in Keras's convention.

    x: a batch (n, d) or one sample (d,). w: (d, units). b: (units,). Arrays or lists.
    Returns an array: (n, units) for a batch, (units,) for one sample.
    """
    ### BEGIN SOLUTION
    samples, kernel, bias = (np.asarray(each, dtype=float) for each in (x, w, b))
    return samples @ kernel + bias
    ### END SOLUTION


# %% check="dense"
def test_three_neurons(dense, a, b, worked):
    """es: El ejemplo de la clase como capa, sesgos (1; 0,5; −1). | en: The lecture's example as a layer, biases (1, 0.5, −1)."""
    import numpy as np

    got, want = np.asarray(dense(a, b, [1, 0.5, -1])), np.add(worked, [1, 0.5, -1])
    assert got.shape == (3, 3), T(
        es=f"3 muestras y 3 neuronas dan la forma (3, 3) y salió {got.shape}.",
        en=f"3 samples and 3 neurons give shape (3, 3), got {got.shape}.",
    )
    assert not np.allclose(got, worked), T(
        es="Falta el sesgo: súmalo a cada fila.", en="The bias is missing: add it to every row."
    )
    assert not np.allclose(got, np.add(worked, [[1], [0.5], [-1]])), T(
        es="Has repartido el sesgo por filas (uno por muestra): hay uno por neurona, es decir, por columna.",
        en="You gave the bias to rows (one per sample): there is one per neuron, that is, per column.",
    )
    assert np.allclose(got, want), T(es=f"Salió\n{got}\ny se esperaba\n{want}", en=f"Got\n{got}\nexpected\n{want}")


def test_square_weights(dense):
    """es: Con pesos cuadrados no se trasponen. | en: Square weights are not transposed."""
    import numpy as np

    got = np.asarray(dense([[1.0, 0.0]], [[1, 2], [3, 4]], [0, 0]))
    assert not np.allclose(got, [[1, 3]]), T(
        es="Has traspuesto los pesos: en x w, los pesos de una neurona están en una columna de w.",
        en="You transposed the weights: in x w the weights of a neuron are a column of w.",
    )
    assert np.allclose(got, [[1, 2]]), T(
        es=f"La muestra (1, 0) recoge la primera fila de w, (1, 2), y salió {got}.",
        en=f"The sample (1, 0) picks the first row of w, (1, 2), got {got}.",
    )


def test_one_or_many(dense):
    """es: Una muestra (d,) da (units,); un lote de una, (1, units). | en: One sample gives (units,); a batch of one, (1, units)."""
    import numpy as np

    w, b = [[1.0, 2.0, 0.0], [0.5, 0.0, 1.0]], [0.0, 1.0, 2.0]
    for x, shape in (([2, 4], (3,)), ([[2, 4]], (1, 3))):
        got = dense(x, w, b)
        assert np.shape(got) == shape, T(
            es=f"Con x de forma {np.shape(x)} se esperaba la forma {shape} y salió {np.shape(got)}.",
            en=f"With x of shape {np.shape(x)} the shape should be {shape}, got {np.shape(got)}.",
        )
        assert np.allclose(got, [4, 5, 6]), T(
            es=f"Con x = {x} se esperaba (4, 5, 6) y salió {got}.", en=f"With x = {x} expected (4, 5, 6), got {got}."
        )


# %% [markdown] lang="es"
# ### Lo que una capa le hace al espacio
#
# Con dos entradas y dos neuronas, cada muestra es un punto del plano y sale otro punto del plano. ¿Qué le pasa a una
# nube entera? Apuesta antes de ejecutar: ¿se doblará la cuadrícula?

# %% [markdown] lang="en"
# ### What a layer does to space
#
# With two inputs and two neurons every sample is a point of the plane, and another point of the plane comes out. What
# becomes of a whole cloud? Bet before you run: will the grid bend?

# %% role="demo"
generator = np.random.default_rng(3)
cloud = generator.uniform(-1, 1, (320, 2))
kernel = np.array([[1.3, 0.6], [-0.7, 1.0]])
shift = np.array([1.6, 0.9])
quarters = 2 * (cloud[:, 0] > 0) + (cloud[:, 1] > 0)
steps = np.linspace(-1, 1, 5)
grid = [np.array([[t, -1], [t, 1]]) for t in steps] + [np.array([[-1, t], [1, t]]) for t in steps]
stages = (
    (lambda points: points, T(es="entrada x", en="input x")),
    (lambda points: np.asarray(dense(points, kernel, np.zeros(2))), T(es="producto x w", en="product x w")),
    (lambda points: np.asarray(dense(points, kernel, shift)), T(es="capa x w + b", en="layer x w + b")),
)
figure, panels = plt.subplots(1, 3, figsize=(12, 4.4), layout="constrained")
for axes, (move, name) in zip(panels, stages, strict=True):
    for ends in grid:
        axes.plot(*np.transpose(move(ends)), color="#999999", linewidth=0.8, zorder=1)
    for quarter, (colour, marker) in enumerate(((SKY, "o"), (ORANGE, "s"), (GREEN, "^"), (BLUE, "D"))):
        axes.plot(*np.transpose(move(cloud[quarters == quarter])), marker, color=colour, markersize=4, alpha=0.55)
    start, first, second = move(np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]))
    for end, colour in ((first, RED), (second, BLACK)):
        axes.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "color": colour, "linewidth": 2.5}, zorder=4)
    axes.plot(*start, "o", color=BLACK, markersize=7, zorder=5)
    axes.set(xlim=(-2.3, 3.9), ylim=(-2.0, 2.8), aspect="equal", title=name)
    axes.set_xlabel(T(es="primer número", en="first number"))
    axes.set_ylabel(T(es="segundo número", en="second number"))
plt.show()

# %% [markdown] lang="es"
# **Qué se ve.** A la izquierda, 320 puntos en un cuadrado con su cuadrícula gris; cada cuadrante tiene su color y su
# marca, la flecha roja es la entrada $(1,0)$ y la negra, $(0,1)$. En el centro, después de multiplicar por $w$, el
# cuadrado es un paralelogramo girado y estirado; el origen (punto negro) no se ha movido. A la derecha, con el sesgo,
# el mismo paralelogramo trasladado: el origen está ahora en $b$.
#
# Dos cosas que recordar. La flecha roja acaba en la **primera fila de $w$** y la negra en la **segunda**: las filas de
# $w$ dicen adónde va cada entrada. Y lo que era recto sigue recto, lo paralelo sigue paralelo: una capa lineal gira,
# estira, aplasta y traslada, pero **no dobla**.
#
# ## 3. Apilar capas
#
# Una red es una capa detrás de otra: lo que sale de una entra en la siguiente. La red de la clase va de 4 números a 3 y
# otra vez a 4; en Keras, `keras.Sequential([keras.Input((4,)), layers.Dense(3), layers.Dense(4)])`. Contada con
# formas:
#
# | paso | cuenta | forma |
# |---|---|---|
# | entrada | $x$ | $(n,4)$ |
# | primera capa | $(n,\underline4)\cdot(\underline4,3)$, más $b_1$ de forma $(3,)$ | $(n,3)$ |
# | segunda capa | $(n,\underline3)\cdot(\underline3,4)$, más $b_2$ de forma $(4,)$ | $(n,4)$ |
#
# Las formas encajan como fichas de dominó: el 3 con el que acaba una capa es el 3 con el que empieza la siguiente. Por
# eso en Keras solo escribes las `units` de cada capa; lo demás se deduce. Y el tamaño $n$ del lote las atraviesa todas
# sin cambiar.
#
# ### ¿Dos capas son más que una?
#
# Mira qué calculan las dos juntas si no hay nada entre ellas:
#
# $$y=(x\,w_1+b_1)\,w_2+b_2$$
#
# Quita el paréntesis y junta, por un lado, lo que multiplica a $x$ y, por otro, lo que no depende de $x$. Queda otra
# vez una matriz y un vector: **una sola capa**. Cuidado con $b_1$: también atraviesa la segunda capa.
#
# ### Tarea 3 · `collapse` (2 puntos)
#
# Escribe `collapse(w1, b1, w2, b2)`: devuelve `w, b`, los pesos y el sesgo de la **única capa lineal** que calcula lo
# mismo que las dos seguidas.
#
# - Si la primera va de `d` a `h` y la segunda de `h` a `units`, `w` tiene forma `(d, units)` y `b`, `(units,)`.
# - Se admiten listas, y enteros mezclados con decimales. Los arrays recibidos **no cambian**.
# - Puedes usar `@`, tu `matmul` o tu `dense`.

# %% [markdown] lang="en"
# **What you see.** On the left, 320 points in a square with its grey grid; every quadrant has its colour and marker,
# the red arrow is the input $(1,0)$ and the black one $(0,1)$. In the middle, after the product with $w$, the square is
# a parallelogram, turned and stretched; the origin (black dot) has not moved. On the right, with the bias, the same
# parallelogram shifted: the origin now lies at $b$.
#
# Two things to remember. The red arrow ends at the **first row of $w$** and the black one at the **second**: the rows
# of $w$ say where each input goes. And what was straight stays straight, what was parallel stays parallel: a linear
# layer turns, stretches, squashes and shifts, but it **does not bend**.
#
# ## 3. Stacking layers
#
# A network is one layer behind the other: what leaves one enters the next. The lecture's network goes from 4 numbers to
# 3 and back to 4; in Keras, `keras.Sequential([keras.Input((4,)), layers.Dense(3), layers.Dense(4)])`. Told with
# shapes:
#
# | step | product | shape |
# |---|---|---|
# | input | $x$ | $(n,4)$ |
# | first layer | $(n,\underline4)\cdot(\underline4,3)$, plus $b_1$ of shape $(3,)$ | $(n,3)$ |
# | second layer | $(n,\underline3)\cdot(\underline3,4)$, plus $b_2$ of shape $(4,)$ | $(n,4)$ |
#
# The shapes fit like dominoes: the 3 that ends one layer is the 3 that begins the next. That is why in Keras you only
# write the `units` of every layer; the rest follows. And the size $n$ of the batch passes through all of them
# unchanged.
#
# ### Are two layers more than one?
#
# See what the two compute together when nothing stands between them:
#
# $$y=(x\,w_1+b_1)\,w_2+b_2$$
#
# Multiply out the bracket, and gather what multiplies $x$ on one side and what does not depend on $x$ on the other.
# There is again one matrix and one vector: **a single layer**. Mind $b_1$: it passes through the second layer too.
#
# ### Task 3 · `collapse` (2 points)
#
# Write `collapse(w1, b1, w2, b2)`: it returns `w, b`, the weights and the bias of the **single linear layer** that
# computes the same as the two in a row.
#
# - If the first goes from `d` to `h` and the second from `h` to `units`, then `w` has shape `(d, units)` and `b`
#   `(units,)`.
# - Lists are accepted, and integers mixed with decimals. The arrays passed in **do not change**.
# - You may use `@`, your `matmul` or your `dense`.


# %% task="collapse" points=2
def collapse(w1, b1, w2, b2):
    """The single linear layer equal to two in a row without activation.

    w1: (d, h). b1: (h,). w2: (h, units). b2: (units,). Arrays or lists; they are not changed.
    Returns (w, b): arrays of shapes (d, units) and (units,).
    """
    ### BEGIN SOLUTION
    first, second = np.asarray(w1, dtype=float), np.asarray(w2, dtype=float)
    carried = np.asarray(b1, dtype=float) @ second
    return first @ second, carried + np.asarray(b2, dtype=float)
    ### END SOLUTION


# %% check="collapse"
def test_shapes_of_one_layer(collapse):
    """es: De 4 a 3 y de 3 a 2 queda una capa de 4 a 2. | en: From 4 to 3 and from 3 to 2, one layer from 4 to 2 is left."""
    import numpy as np

    got = collapse(np.ones((4, 3)), np.ones(3), np.ones((3, 2)), np.ones(2))
    assert len(got) == 2, T(
        es="Se piden dos cosas, en este orden: w, b.", en="Two things are asked for, in this order: w, b."
    )
    w, b = got
    assert np.shape(w) == (4, 2), T(
        es=f"w debe tener forma (4, 2) y tiene {np.shape(w)}.", en=f"w must have shape (4, 2), it has {np.shape(w)}."
    )
    assert np.shape(b) == (2,), T(
        es=f"b debe tener forma (2,) y tiene {np.shape(b)}.", en=f"b must have shape (2,), it has {np.shape(b)}."
    )


def test_by_hand(collapse):
    """es: Un caso pequeño hecho a mano. | en: A small case done by hand."""
    import numpy as np

    w, b = collapse([[1, 2], [0, 1]], [1, -1], [[1, 0], [1, 1]], [5, 7])
    assert not np.allclose(w, [[1, 2], [1, 3]]), T(
        es="El orden de los pesos está al revés: la muestra se encuentra primero con w1, después con w2.",
        en="The weights are in the wrong order: the sample meets w1 first, then w2.",
    )
    assert np.allclose(w, [[3, 2], [1, 1]]), T(
        es=f"Se esperaba w = [[3, 2], [1, 1]] y salió\n{w}", en=f"Expected w = [[3, 2], [1, 1]], got\n{w}"
    )
    known = {
        (5.0, 7.0): T(es="has olvidado b1", en="you forgot b1"),
        (6.0, 6.0): T(
            es="has sumado b1 tal cual, pero también atraviesa la segunda capa",
            en="you added b1 as it is, but it passes through the second layer too",
        ),
        (0.0, -1.0): T(es="has olvidado b2", en="you forgot b2"),
        (6.0, 7.0): T(es="w2 está traspuesta", en="w2 is transposed"),
    }
    reason = known.get(tuple(np.round(np.ravel(b), 6).tolist()), T(es="revisa la cuenta", en="look at it again"))
    assert np.allclose(b, [5, 6]), T(
        es=f"Se esperaba b = (5, 6) y salió {b}: {reason}.", en=f"Expected b = (5, 6), got {b}: {reason}."
    )


def test_arrays_stay(collapse):
    """es: Los arrays recibidos no cambian. | en: The arrays passed in do not change."""
    import numpy as np

    given = [np.ones((2, 2)), np.ones(2), np.ones((2, 2)), np.ones(2)]
    collapse(*given)
    assert all(np.all(each == 1) for each in given), T(
        es="Tu función ha cambiado un array que recibió: no uses += sobre él, crea uno nuevo.",
        en="Your function changed an array that it was given: do not use += on it, make a new one.",
    )


# %% [markdown] lang="es"
# ### Para qué está la activación
#
# La misma red de 1 → 6 → 1, con los mismos pesos al azar, dos veces: sin nada entre las capas, y con una **ReLU**
# entre ellas, que deja los positivos como están y convierte los negativos en 0. Apuesta: ¿qué forma tendrá cada curva?

# %% [markdown] lang="en"
# ### What the activation is for
#
# The same network 1 → 6 → 1, with the same random weights, twice: with nothing between the layers, and with a **ReLU**
# between them, which leaves positives as they are and turns negatives into 0. Bet: what will each curve look like?

# %% role="demo"
generator = np.random.default_rng(12)
w1, b1 = generator.normal(0, 1, (1, 6)), generator.normal(0, 1.5, 6)
w2, b2 = generator.normal(0, 1, (6, 1)), generator.normal(0, 1, 1)
inputs = np.linspace(-4, 4, 400).reshape(-1, 1)
hidden = np.asarray(dense(inputs, w1, b1))
one_w, one_b = collapse(w1, b1, w2, b2)

figure, panels = plt.subplots(1, 2, figsize=(10.5, 3.9), sharey=True, layout="constrained")
panels[0].plot(inputs, dense(hidden, w2, b2), color=BLUE, linewidth=3, label=T(es="dos capas", en="two layers"))
panels[0].plot(
    inputs[::25], dense(inputs[::25], one_w, one_b), "o", color=ORANGE, label=T(es="tu única capa", en="your one layer")
)
panels[0].set_title(T(es="sin activación", en="without activation"))
panels[1].plot(
    inputs, dense(np.maximum(hidden, 0), w2, b2), color=BLUE, linewidth=3, label=T(es="dos capas", en="two layers")
)
panels[1].set_title(T(es="con ReLU en medio", en="with ReLU in between"))
for axes in panels:
    axes.set_xlabel(T(es="entrada", en="input"))
    axes.legend(frameon=False)
panels[0].set_ylabel(T(es="salida de la red", en="output of the network"))
plt.show()

# %% [markdown] lang="es"
# **Qué se ve.** A la izquierda, la red sin activación: una recta azul, y sobre ella los puntos naranjas de la capa
# única que calcula tu `collapse`. A la derecha, los mismos pesos con ReLU: una línea quebrada, que cambia de pendiente
# donde una neurona oculta se enciende o se apaga.
#
# Sin activación, cien capas son una: el producto de cien matrices es una matriz. **Es la activación lo que dobla**, y lo
# que hace que la profundidad sirva de algo. Las activaciones (sigmoide, tanh, ReLU…) son el tema del cuaderno 03.
#
# ## 4. ¿Cuántos números aprende?
#
# Los **parámetros** de una red son los números que se ajustan al entrenar: todos los pesos y todos los sesgos. Una
# capa de $d$ entradas y $u$ neuronas tiene una matriz de $d\cdot u$ pesos y un vector de $u$ sesgos. La red 4 → 3 → 4:
#
# $$\underbrace{4\cdot3+3}_{15}+\underbrace{3\cdot4+4}_{16}=31$$
#
# Es lo que escribe `model.summary()`. Al fundirla en una sola capa 4 → 4 quedarían $4\cdot4+4=20$.
#
# > **Un 31 engañoso.** Quien pone un sesgo por cada **entrada** y no por cada **neurona** calcula
# > $(12+4)+(12+3)$, que aquí también da 31, porque la red se lee igual al derecho y al revés. Un ejemplo que sale bien
# > no demuestra que la fórmula lo esté: pruébala con una red que no sea simétrica. Y la primera cifra, la entrada, no es
# > una capa de neuronas: no tiene pesos ni sesgos propios.
#
# ### Tarea 4 · `count_parameters` (1 punto)
#
# Escribe `count_parameters(layer_sizes)`: recibe los tamaños, de la entrada a la salida, y devuelve **un entero**, el
# número de parámetros de las capas densas que los unen. `[4, 3, 4]` da 31.
#
# - `layer_sizes` puede ser una lista, una tupla o un array de enteros.
# - Con menos de dos tamaños no hay ninguna capa: lanza `ValueError`.

# %% [markdown] lang="en"
# **What you see.** On the left, the network without activation: a straight blue line, and on it the orange dots of the
# single layer that your `collapse` computes. On the right, the same weights with ReLU: a broken line, which changes its
# slope wherever a hidden neuron switches on or off.
#
# Without activation a hundred layers are one: the product of a hundred matrices is a matrix. **It is the activation that
# bends**, and that makes depth worth anything. Activations (sigmoid, tanh, ReLU…) are the subject of notebook 03.
#
# ## 4. How many numbers does it learn?
#
# The **parameters** of a network are the numbers adjusted in training: all the weights and all the biases. A layer with
# $d$ inputs and $u$ neurons has a matrix of $d\cdot u$ weights and a vector of $u$ biases. The network 4 → 3 → 4:
#
# $$\underbrace{4\cdot3+3}_{15}+\underbrace{3\cdot4+4}_{16}=31$$
#
# That is what `model.summary()` prints. Collapsed into a single layer 4 → 4 there would be $4\cdot4+4=20$.
#
# > **A deceptive 31.** Whoever gives one bias to each **input** rather than to each **neuron** computes
# > $(12+4)+(12+3)$, which here is 31 as well, since the network reads the same forwards and backwards. An example that
# > comes out right does not prove the formula: try it on a network that is not symmetrical. And the first figure, the
# > input, is no layer of neurons: it has no weights or biases of its own.
#
# ### Task 4 · `count_parameters` (1 point)
#
# Write `count_parameters(layer_sizes)`: it takes the sizes from input to output and returns **an integer**, the number
# of parameters of the dense layers that join them. `[4, 3, 4]` gives 31.
#
# - `layer_sizes` may be a list, a tuple or an array of integers.
# - With fewer than two sizes there is no layer: raise `ValueError`.


# %% task="count_parameters" points=1
def count_parameters(layer_sizes):
    """Number of parameters, weights and biases, of dense layers in a row.

    layer_sizes: list, tuple or array of integers, from input to output. Returns an int.
    Raises ValueError when there are fewer than two sizes.
    """
    ### BEGIN SOLUTION
    sizes = np.asarray(layer_sizes, dtype=int)
    if sizes.size < 2:
        raise ValueError(f"an input and at least one layer are needed, not {sizes.size} sizes")
    inputs, units = sizes[:-1], sizes[1:]
    return int(np.sum(inputs * units + units))
    ### END SOLUTION


# %% check="count_parameters"
def test_four_three_four(count_parameters):
    """es: La red 4 → 3 → 4 tiene 31 parámetros. | en: The network 4 → 3 → 4 has 31 parameters."""
    got = count_parameters([4, 3, 4])
    assert not isinstance(got, float), T(
        es=f"Se pide un entero y salió {got!r}.", en=f"An integer is asked for, got {got!r}."
    )
    known = {
        24: T(es="eso son solo los pesos: faltan los sesgos", en="those are the weights alone: biases are missing"),
        35: T(es="has contado sesgos para la entrada", en="you counted biases for the input"),
        26: T(es="has contado un sesgo por capa: hay uno por neurona", en="that is one bias per layer: one per neuron"),
        20: T(es="has saltado la capa del medio", en="you skipped the layer in the middle"),
    }
    assert got == 31, T(
        es=f"Se esperaba 31 y salió {got}: {known.get(got, 'revisa la cuenta')}.",
        en=f"Expected 31, got {got}: {known.get(got, 'look at it again')}.",
    )


def test_not_symmetrical(count_parameters):
    """es: La red 2 → 5 → 1 tiene 21 parámetros. | en: The network 2 → 5 → 1 has 21 parameters."""
    got = count_parameters([2, 5, 1])
    assert got != 22, T(
        es="Salió 22: cuentas un sesgo por entrada de cada capa, y hay uno por neurona.",
        en="Got 22: you count one bias per input of each layer, and there is one per neuron.",
    )
    assert got == 21, T(es=f"(2·5 + 5) + (5·1 + 1) = 21 y salió {got}.", en=f"(2·5 + 5) + (5·1 + 1) = 21, got {got}.")


def test_no_layer(count_parameters):
    """es: Con menos de dos tamaños, ValueError. | en: With fewer than two sizes, ValueError."""
    for sizes in ([], [4]):
        try:
            got = count_parameters(sizes)
        except ValueError:
            continue
        raise AssertionError(
            T(
                es=f"count_parameters({sizes}) devolvió {got}, pero debe lanzar ValueError.",
                en=f"count_parameters({sizes}) returned {got}, but must raise ValueError.",
            )
        )


# %% role="demo"
for network in ([4, 3, 4], [4, 4], [784, 10], [784, 128, 10], [784, 128, 128, 10]):
    name = " → ".join(map(str, network))
    print(f"{name:>22}: {count_parameters(network):>7}", T(es="parámetros", en="parameters"))

# %% [markdown] lang="es"
# Una imagen de 28 × 28 píxeles son 784 entradas. Con 128 neuronas ocultas hay ya más de 100 000 parámetros, y casi
# todos están en la **primera** capa; la segunda capa de 128 añade solo 16 512. Contar así dice dónde está el peso de
# una red, y con cuántos datos se la puede alimentar sin que se los aprenda de memoria (cuaderno 05).
#
# ## 5. ¿Qué se parece a qué?
#
# Un producto de fila por columna, $x\cdot c=\sum_k x_kc_k$, mide también **cuánto van juntos dos vectores**. Vamos al
# bar: describimos cada bebida por sus mililitros de café y de leche. La tuya es un *latte* grande, (60, 180). ¿Cuál de
# estas se le parece más **en sabor**?

# %% [markdown] lang="en"
# An image of 28 × 28 pixels is 784 inputs. With 128 hidden neurons there are already more than 100,000 parameters, and
# nearly all of them are in the **first** layer; the second layer of 128 adds only 16,512. Counting like this tells
# where the weight of a network lies, and how much data it needs before it learns them by heart (notebook 05).
#
# ## 5. What is like what?
#
# A product of row and column, $x\cdot c=\sum_k x_kc_k$, also measures **how far two vectors go together**. Off to the
# café: we describe every drink by its millilitres of coffee and milk. Yours is a large latte, (60, 180). Which of these
# is most like it **in taste**?

# %% role="demo"
mine = np.array([60, 180])
drinks = np.array([[30, 0], [30, 30], [26, 60], [110, 130]])
names = [
    T(es="espresso", en="espresso"),
    T(es="cortado", en="cortado"),
    T(es="latte pequeño", en="small latte"),
    T(es="café con leche\ngrande", en="large\nwhite coffee"),
]
# In the plane an angle needs no formula: the difference of two directions.
turns = np.arctan2(drinks[:, 1], drinks[:, 0]) - np.arctan2(mine[1], mine[0])
distances = np.hypot(*np.transpose(drinks - mine))

figure, panels = plt.subplots(1, 3, figsize=(12.5, 4.2), width_ratios=(1.25, 1, 1), layout="constrained")
axes = panels[0]
palette = (BLACK, GREEN, BLUE, ORANGE)
for drink, name, colour, offset in zip(drinks, names, palette, ((8, -3), (8, -6), (50, -4), (-34, 8)), strict=True):
    axes.annotate("", drink, (0, 0), arrowprops={"arrowstyle": "-|>", "color": colour, "linewidth": 2.5})
    line = {"arrowstyle": "-", "color": colour, "linewidth": 0.8} if offset[0] > 40 else None
    axes.annotate(name, drink, offset, textcoords="offset points", color=colour, arrowprops=line)
axes.annotate("", mine, (0, 0), arrowprops={"arrowstyle": "-|>", "color": RED, "linewidth": 2.5, "linestyle": "--"})
axes.annotate(T(es="el tuyo", en="yours"), mine, (-12, 5), textcoords="offset points", color=RED)
axes.set(xlim=(0, 165), ylim=(-6, 205), aspect="equal", title=T(es="cinco bebidas", en="five drinks"))
axes.set_xlabel(T(es="café (ml)", en="coffee (ml)"))
axes.set_ylabel(T(es="leche (ml)", en="milk (ml)"))
bars = (
    (np.cos(turns), T(es="coseno del ángulo con el tuyo", en="cosine of the angle with yours"), "{:.3f}", np.argmax),
    (distances, T(es="distancia hasta el tuyo (ml)", en="distance to yours (ml)"), "{:.0f}", np.argmin),
)
for axes, (lengths, label, form, best) in zip(panels[1:], bars, strict=True):
    colours = [BLUE if i == best(lengths) else "#BBBBBB" for i in range(4)]
    drawn = axes.barh(range(4), lengths, color=colours)
    axes.bar_label(drawn, [form.format(length) for length in lengths], padding=3)
    axes.set_yticks(range(4), names)
    axes.set(xlabel=label, xlim=(0, 1.18 * max(lengths)))
    axes.invert_yaxis()
panels[1].set_title(T(es="gana el mayor", en="the largest wins"))
panels[2].set_title(T(es="gana el menor", en="the smallest wins"))
plt.show()

# %% [markdown] lang="es"
# **Qué se ve.** A la izquierda, cada bebida es una flecha desde el origen; la tuya, roja y discontinua, es casi
# paralela a la del *latte* pequeño (azul), mucho más corta. En el centro, el coseno del ángulo con la tuya: gana (en
# azul) el *latte* pequeño, con casi 1. A la derecha, la distancia: gana el café con leche grande, que sabe a otra cosa
# pero ocupa una taza parecida.
#
# La receta es la **dirección**; el tamaño de la taza, la **longitud**. La distancia lo mezcla todo. La **similitud
# del coseno** mira solo la dirección:
#
# $$\cos(x,c)=\frac{x\cdot c}{\lVert x\rVert\,\lVert c\rVert}
# \qquad\lVert x\rVert=\sqrt{\textstyle\sum_k x_k^2}$$
#
# Vale 1 si apuntan a lo mismo, 0 si son perpendiculares y −1 si son opuestos. No basta el producto de arriba sin
# dividir: le gustan los vectores largos, y aquí elegiría también la taza grande. Y el vector **cero** no apunta a
# ningún sitio: con él no hay respuesta.
#
# ### Tarea 5 · `closest` (2 puntos)
#
# Escribe `closest(x, candidates)`: recibe un vector `(d,)` y una tabla `(n, d)` de candidatos, uno por fila, y devuelve
# **un entero**, el índice del candidato con **mayor similitud del coseno**.
#
# - Se admiten listas, enteros y decimales. Lo recibido **no cambia**.
# - Si `x` o alguno de los candidatos es el vector cero, lanza `ValueError`.

# %% [markdown] lang="en"
# **What you see.** On the left every drink is an arrow from the origin; yours, red and dashed, is nearly parallel to
# that of the small latte (blue), which is much shorter. In the middle, the cosine of the angle with yours: the small
# latte wins (in blue), with almost 1. On the right, the distance: the large white coffee wins, which tastes different
# but fills a similar cup.
#
# The recipe is the **direction**; the size of the cup is the **length**. Distance mixes them up. **Cosine similarity**
# looks at the direction alone:
#
# $$\cos(x,c)=\frac{x\cdot c}{\lVert x\rVert\,\lVert c\rVert}
# \qquad\lVert x\rVert=\sqrt{\textstyle\sum_k x_k^2}$$
#
# It is 1 when both point the same way, 0 when they are perpendicular, and −1 when they are opposite. The product on top
# is not enough without the division: it likes long vectors, and here would choose the large cup too. And the **zero**
# vector points nowhere: with it there is no answer.
#
# ### Task 5 · `closest` (2 points)
#
# Write `closest(x, candidates)`: it takes a vector `(d,)` and a table `(n, d)` of candidates, one per row, and returns
# **an integer**, the index of the candidate with the **highest cosine similarity**.
#
# - Lists, integers and decimals are accepted. What is passed in **does not change**.
# - When `x` or any of the candidates is the zero vector, raise `ValueError`.


# %% task="closest" points=2
def closest(x, candidates):
    """Index of the candidate with the highest cosine similarity to x.

    x: (d,). candidates: (n, d), one per row. Arrays or lists; they are not changed. Returns an int.
    Raises ValueError when x or any candidate is the zero vector.
    """
    ### BEGIN SOLUTION
    target, table = np.asarray(x, dtype=float), np.asarray(candidates, dtype=float)
    length, lengths = np.linalg.norm(target), np.linalg.norm(table, axis=1)
    if length == 0 or np.any(lengths == 0):
        raise ValueError("the zero vector has no direction")
    return int(np.argmax(table @ target / (length * lengths)))
    ### END SOLUTION


# %% check="closest"
def test_latte(closest, mine, drinks):
    """es: A un latte grande se le parece el latte pequeño. | en: Most like a large latte is the small latte."""
    import numpy as np

    got = closest(mine, drinks)
    assert np.ndim(got) == 0, T(
        es=f"Se pide un índice, un solo entero, y salió {got}.", en=f"An index is asked for, one integer, got {got}."
    )
    assert got != 3, T(
        es="Sale la taza grande: eso mide la distancia o el producto sin dividir entre las longitudes. "
        "Mira solo la dirección.",
        en="The large cup comes out: that measures distance, or the product without dividing by the lengths. "
        "Look at the direction alone.",
    )
    assert got != 0, T(
        es="Sale el menos parecido: se busca el coseno mayor.",
        en="The least similar comes out: the highest cosine is wanted.",
    )
    assert got == 2, T(es=f"Se esperaba el índice 2 y salió {got}.", en=f"Expected index 2, got {got}.")


def test_opposite(closest):
    """es: Lo opuesto no se parece. | en: The opposite is not alike."""
    got = closest([1, 1], [[-1, -1], [1, 0]])
    assert got != 0, T(
        es="[−1, −1] apunta justo al revés que [1, 1], su coseno es −1: no quites el signo.",
        en="[−1, −1] points the opposite way of [1, 1], its cosine is −1: do not drop the sign.",
    )
    assert got == 1, T(es=f"Se esperaba el índice 1 y salió {got}.", en=f"Expected index 1, got {got}.")


def test_zero_vector(closest):
    """es: El vector cero no tiene dirección: ValueError. | en: The zero vector has no direction: ValueError."""
    import numpy as np

    for x, candidates in (([0, 0], [[1, 2], [3, 4]]), ([1, 2], [[1, 2], [0, 0]])):
        try:
            with np.errstate(all="ignore"):
                got = closest(x, candidates)
        except ValueError:
            continue
        raise AssertionError(
            T(
                es=f"closest({x}, {candidates}) devolvió {got}, pero debe lanzar ValueError.",
                en=f"closest({x}, {candidates}) returned {got}, but must raise ValueError.",
            )
        )


def test_nothing_changes(closest):
    """es: Lo recibido no cambia. | en: What is passed in does not change."""
    import numpy as np

    x, candidates = np.array([3.0, 4.0]), np.array([[3.0, 0.0], [6.0, 8.0]])
    closest(x, candidates)
    assert [*x, *candidates.ravel()] == [3, 4, 3, 0, 6, 8], T(
        es="Tu función ha cambiado lo que recibió: no uses /= sobre sus arrays, crea otros.",
        en="Your function changed what it was given: do not use /= on its arrays, make new ones.",
    )


# %% [markdown] lang="es"
# ### Palabras como vectores
#
# Una palabra no es un número. Podemos darle un vector de ceros con un solo 1 en su sitio (*one-hot*), pero entonces
# todas quedan perpendiculares: ninguna se parece a otra. Un ***embedding*** le da unos pocos números que dicen algo de
# ella. Y la cuenta es la de siempre: el vector *one-hot* por la tabla de *embeddings* es… **la fila de esa palabra**. Una
# capa `Embedding` es una capa densa sin sesgo que, en vez de multiplicar, busca la fila.
#
# En una red esa tabla se aprende; la de aquí la hemos escrito a mano, con cuatro números por palabra: realeza,
# masculino o femenino, bebida, y cuánto despierta. Todos los cosenos a la vez son otro producto: la tabla, con sus
# filas divididas entre su longitud, por su traspuesta.

# %% [markdown] lang="en"
# ### Words as vectors
#
# A word is no number. We can give it a vector of zeros with a single 1 in its place (*one-hot*), but then all of them
# are perpendicular: none is like another. An **embedding** gives it a few numbers that say something about it. And the
# sum is the same as ever: the one-hot vector times the table of embeddings is… **the row of that word**. An `Embedding`
# layer is a dense layer without bias which looks the row up instead of multiplying.
#
# In a network that table is learnt; ours is written by hand, with four numbers per word: royalty, male or female,
# drink, and how far it wakes you up. All the cosines at once are one more product: the table, its rows divided by their
# lengths, times its transpose.

# %% role="demo"
words = [
    T(es="rey", en="king"),
    T(es="reina", en="queen"),
    T(es="hombre", en="man"),
    T(es="mujer", en="woman"),
    T(es="café", en="coffee"),
    T(es="té", en="tea"),
    T(es="leche", en="milk"),
]
embedding = np.array(
    [
        [0.9, 0.8, 0.0, 0.1],
        [0.9, -0.8, 0.0, 0.1],
        [0.1, 0.9, 0.0, 0.0],
        [0.1, -0.9, 0.0, 0.0],
        [0.0, 0.1, 0.8, 0.9],
        [0.1, -0.1, 0.9, 0.5],
        [0.0, 0.0, 0.9, -0.4],
    ]
)
directions = embedding / np.hypot.reduce(embedding, axis=1)[:, None]
similarity = np.asarray(matmul(directions, np.transpose(directions)))

figure, axes = plt.subplots(figsize=(6.6, 5.8), layout="constrained")
paint(axes, similarity, limit=1, digits=1)
axes.set_xticks(np.arange(7) + 0.5, words)
axes.set_yticks(-np.arange(7) - 0.5, words)
axes.set(xlim=(0, 7), ylim=(-7, 0), aspect="equal")
axes.set_title(T(es="similitud del coseno entre palabras", en="cosine similarity between words"))
axes.grid(False)
axes.tick_params(length=0)
axes.spines[:].set_visible(False)
plt.show()

one_hot = np.array([[0, 0, 0, 0, 1, 0, 0]])
print(words[4], "→", matmul(one_hot, embedding)[0])
others = [i for i in range(7) if i != 4]
print(T(es="lo más parecido a café:", en="most like coffee:"), words[others[closest(embedding[4], embedding[others])]])
guess = embedding[0] - embedding[2] + embedding[3]
print(T(es="rey − hombre + mujer ≈", en="king − man + woman ≈"), words[closest(guess, embedding)])

# %% [markdown] lang="es"
# **Qué se ve.** Una tabla de 7 × 7 casillas con el coseno de cada pareja de palabras (morado, parecidas; naranja,
# opuestas; claro, sin relación). La diagonal vale 1: cada palabra consigo misma. Abajo a la derecha, las tres bebidas
# forman un bloque morado, con el café y el té muy juntos; arriba a la izquierda, rey se parece a hombre y reina a
# mujer, y las parejas rey–mujer, reina–hombre y hombre–mujer son naranjas. La tabla es simétrica: el coseno no distingue
# quién mira a quién.
#
# Debajo, tres líneas impresas: el vector *one-hot* de café recoge su fila, lo más parecido a café es el té, y
# «rey − hombre + mujer» cae junto a reina. En nuestra tabla estaba preparado; lo asombroso es que aparezca también,
# con excepciones, en tablas **aprendidas** leyendo texto.
#
# ## Para recordar
#
# 1. **Producto:** cada casilla es una fila contra una columna, $(m,\underline n)\cdot(\underline n,p)\to(m,p)$. Es
#    asociativo, no conmutativo, y no es `a * b`. Y −8 − 6 = −14.
# 2. **Capa densa:** $y=xw+b$, con una muestra por fila de $x$ y una neurona por columna de $w$. Un sesgo por neurona,
#    el mismo para todas las muestras. Lo que entra con eje de lote sale con él.
# 3. **Apilar** capas lineales no añade nada: se funden en una sola, y $b_1$ atraviesa $w_2$. La **activación** es lo que
#    dobla.
# 4. **Parámetros:** $d\cdot u+u$ por capa; 4 → 3 → 4 tiene $15+16=31$.
# 5. **Coseno:** compara direcciones y olvida longitudes; un *embedding* convierte palabras en direcciones. El vector cero
#    no tiene ninguna.
#
# **Para seguir.** En NumPy el producto es `@`, y corre en bibliotecas llamadas *BLAS*: compara su tiempo con el de tu
# bucle. En Keras, `keras.layers.Dense`, `keras.layers.Embedding` y `keras.losses.CosineSimilarity`. Busca el *rango* de
# una matriz (¿por qué 4 → 3 → 4 no puede copiar cualquier entrada?), los *autocodificadores*, *word2vec* y *GloVe*, la
# *atención* de los *transformers* (productos y cosenos a lo grande), la serie *Essence of linear algebra* de
# 3Blue1Brown, y el capítulo 2 de *Deep Learning*, de Goodfellow, Bengio y Courville.

# %% [markdown] lang="en"
# **What you see.** A table of 7 × 7 cells with the cosine of every pair of words (purple, alike; orange, opposite;
# pale, unrelated). The diagonal is 1: every word with itself. At the bottom right the three drinks form a purple block,
# coffee and tea very close; at the top left king is like man and queen like woman, and the pairs king–woman, queen–man
# and man–woman are orange. The table is symmetrical: the cosine does not care who looks at whom.
#
# Below, three printed lines: the one-hot vector of coffee picks its row, most like coffee is tea, and "king − man +
# woman" lands beside queen. In our table that was arranged; the wonder is that it appears, with exceptions, in tables
# **learnt** by reading text as well.
#
# ## To remember
#
# 1. **Product:** every cell is a row against a column, $(m,\underline n)\cdot(\underline n,p)\to(m,p)$. It is
#    associative, not commutative, and is not `a * b`. And −8 − 6 = −14.
# 2. **Dense layer:** $y=xw+b$, with a sample per row of $x$ and a neuron per column of $w$. One bias per neuron, the
#    same for all samples. What enters with a batch axis leaves with it.
# 3. **Stacking** linear layers adds nothing: they collapse into one, and $b_1$ passes through $w_2$. It is the
#    **activation** that bends.
# 4. **Parameters:** $d\cdot u+u$ per layer; 4 → 3 → 4 has $15+16=31$.
# 5. **Cosine:** compares directions and forgets lengths; an embedding turns words into directions. The zero vector has
#    none.
#
# **Go further.** In NumPy the product is `@`, and runs in libraries called *BLAS*: compare its time with that of your
# loop. In Keras, `keras.layers.Dense`, `keras.layers.Embedding` and `keras.losses.CosineSimilarity`. Look up the *rank*
# of a matrix (why can 4 → 3 → 4 not copy just any input?), *autoencoders*, *word2vec* and *GloVe*, the *attention* of
# *transformers* (products and cosines on a large scale), the series *Essence of linear algebra* by 3Blue1Brown, and
# chapter 2 of *Deep Learning* by Goodfellow, Bengio and Courville.
