# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown] lang="es"
# # La neurona sigmoide
#
# Una neurona artificial hace dos cosas: **suma** lo que le llega y **decide**. Según cómo decida, podrá aprender o
# no. Este cuaderno construye una neurona entera, en NumPy, y la entrena para predecir qué alumnos aprobarán; al
# final le pone delante cuatro puntos con los que no puede.
#
# **Al terminar sabrás**
#
# 1. calcular la respuesta de un perceptrón y explicar por qué su escalón no se puede entrenar con el gradiente;
# 2. programar la sigmoide para cualquier número, por grande que sea, y su derivada;
# 3. reconocer otras activaciones (tanh, ReLU, leaky ReLU, ELU, maxout) por su curva y por su derivada;
# 4. medir una probabilidad con la entropía cruzada, y decir por qué no basta el error cuadrático;
# 5. aplicar la regla de la cadena a una neurona, paso a paso, hasta llegar a $(p-y)\,x$;
# 6. separar los datos en entrenamiento, validación y prueba, escalarlos sin hacer trampa y entrenar la neurona;
# 7. decir qué problemas son linealmente separables, y por qué XOR no lo es.
#
# **Antes necesitas:** los cuadernos 01 (error, escala, descenso) y 02 (productos de matrices), y las derivadas de
# $e^x$ y $\log x$.
#
# **Tiempo:** unos 90 minutos. **Seis tareas, 10 puntos.** Cada tarea tiene debajo una celda de comprobación:
# ejecútala cuantas veces quieras.

# %% [markdown] lang="en"
# # The sigmoid neuron
#
# An artificial neuron does two things: it **adds up** what reaches it, and it **decides**. How it decides settles
# whether it can learn. This notebook builds a whole neuron, in NumPy, and trains it to predict which students will
# pass; at the end it puts four points before it that it cannot cope with.
#
# **At the end you can**
#
# 1. compute the answer of a perceptron, and explain why its step cannot be trained by the gradient;
# 2. program the sigmoid for any number, however large, and its derivative;
# 3. recognise other activations (tanh, ReLU, leaky ReLU, ELU, maxout) by their curve and by their derivative;
# 4. judge a probability by its cross-entropy, and say why the squared error will not do;
# 5. apply the chain rule to one neuron, step by step, until you arrive at $(p-y)\,x$;
# 6. split data into training, validation and test, scale them without cheating, and train the neuron;
# 7. say which problems are linearly separable, and why XOR is not.
#
# **You need:** notebooks 01 (error, scale, descent) and 02 (matrix products), and the derivatives of $e^x$ and
# $\log x$.
#
# **Time:** about 90 minutes. **Six tasks, 10 points.** Each task has a checking cell below it: run it as often as
# you like.

# %% role="setup"
import warnings

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LinearSegmentedColormap

# Okabe-Ito palette: these colours stay apart for colour-blind readers as well.
BLACK, ORANGE, SKY, GREEN, BLUE, RED = "#000000", "#E69F00", "#56B4E9", "#009E73", "#0072B2", "#D55E00"
REGIONS = LinearSegmentedColormap.from_list("regions", ["#F2B48C", "white", "#7FB9DD"])
plt.rcParams.update({"axes.spines.top": False, "axes.spines.right": False, "axes.grid": True, "grid.alpha": 0.25})

# 240 students: weekly hours of study, attendance in %, and whether they passed (1) or failed (0).
generator = np.random.default_rng(1)
hours = generator.uniform(0, 12, 240).round(1)
attendance = generator.uniform(20, 100, 240).round()
luck = generator.logistic(0, 1, 240)
students = np.column_stack([hours, attendance])
passed = (0.8 * hours + 0.08 * attendance - 9.6 + luck >= 0).astype(int)


def draw_students(axes, table, outcome, size=32):
    """Those who passed as blue circles, those who failed as orange crosses."""
    for label, colour, marker, name in (
        (1, BLUE, "o", T(es="aprobó", en="passed")),
        (0, RED, "x", T(es="suspendió", en="failed")),
    ):
        chosen = table[outcome == label]
        axes.scatter(chosen[:, 0], chosen[:, 1], s=size, c=colour, marker=marker, alpha=0.8, label=name, zorder=3)


# %% [markdown] lang="es"
# ## 1. Sumar y decidir: el perceptrón
#
# De 240 alumnos sabemos cuántas horas estudiaron por semana, a qué porcentaje de las clases asistieron y si
# aprobaron. Queremos una máquina que, con los dos primeros datos, prediga el tercero.

# %% [markdown] lang="en"
# ## 1. Adding up and deciding: the perceptron
#
# Of 240 students we know how many hours a week they studied, what percentage of the classes they attended, and
# whether they passed. We want a machine that predicts the third from the first two.

# %% role="demo"
figure, axes = plt.subplots(figsize=(7, 4.4))
draw_students(axes, students, passed)
ends = np.array([0.0, 12.0])
axes.plot(ends, (12 - ends) / 0.1, color=BLACK, linewidth=2, label="1 · h + 0.1 · a − 12 = 0")
axes.set(xlim=(-0.3, 12.3), ylim=(17, 103))
axes.set_xlabel(T(es="horas de estudio por semana, h", en="hours of study per week, h"))
axes.set_ylabel(T(es="asistencia (%), a", en="attendance (%), a"))
axes.set_title(T(es="Un perceptrón puesto a mano", en="A perceptron set by hand"))
axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
plt.show()

# %% [markdown] lang="es"
# **Qué se ve.** Cada alumno es un punto: las horas en horizontal, la asistencia en vertical. Los que aprobaron
# (círculos azules) están arriba a la derecha; los que suspendieron (cruces rojas), abajo a la izquierda. Entre unos y
# otros hay una zona mezclada: también cuenta la suerte. La recta negra la hemos puesto a ojo.
#
# Esa recta es un **perceptrón**, la neurona de Rosenblatt (1958). Cada entrada lleva un **peso**, que dice cuánto
# cuenta, y hay un **sesgo**, que dice cómo de difícil es convencerla. Primero suma:
#
# $$z=w\cdot x+b=w_1x_1+w_2x_2+\dots+w_dx_d+b$$
#
# y luego decide con un **escalón**: 1 si $z\ge 0$; 0 si $z<0$. Con $w=(1;\ 0{,}1)$ y $b=-12$:
#
# | | horas | asistencia | $z$ | respuesta |
# |---|---|---|---|---|
# | Ana | 6 | 80 % | $6+8-12=2$ | 1, aprueba |
# | Beto | 2 | 70 % | $2+7-12=-3$ | 0, suspende |
# | Luz | 4 | 80 % | $4+8-12=0$ | **1**, justo en la frontera |
#
# Fíjate en Luz: está **exactamente** en la frontera, y la regla dice $\ge$, así que la respuesta es 1. Y fíjate en
# que el corte está en $z=0$, no en 0,5: el 0,5 llegará en la sección 4, cuando la respuesta sea una probabilidad.
#
# ### Tarea 1 · `step_neuron` (1 punto)
#
# Escribe `step_neuron(x, w, b)`: la respuesta del perceptrón, 1 donde $w\cdot x+b\ge 0$ y 0 donde no.
#
# - `x` es **una muestra** de forma `(d,)`, y entonces devuelves un número, o una **tabla** `(n, d)` con una muestra
#   por fila, y entonces devuelves un array `(n,)`. `w` tiene forma `(d,)` y `b` es un número.
# - `x` y `w` pueden ser listas o arrays, de enteros o decimales.

# %% [markdown] lang="en"
# **What you see.** Every student is a point: hours across, attendance upwards. Those who passed (blue circles) are at
# the top right; those who failed (red crosses), at the bottom left. Between them lies a zone where they mix: luck
# counts too. We drew the black line by eye.
#
# That line is a **perceptron**, the neuron of Rosenblatt (1958). Every input carries a **weight**, which says how
# much it counts, and there is a **bias**, which says how hard the neuron is to convince. First it adds up:
#
# $$z=w\cdot x+b=w_1x_1+w_2x_2+\dots+w_dx_d+b$$
#
# and then it decides by a **step**: 1 if $z\ge 0$; 0 if $z<0$. With $w=(1,\ 0.1)$ and $b=-12$:
#
# | | hours | attendance | $z$ | answer |
# |---|---|---|---|---|
# | Ana | 6 | 80% | $6+8-12=2$ | 1, passes |
# | Beto | 2 | 70% | $2+7-12=-3$ | 0, fails |
# | Luz | 4 | 80% | $4+8-12=0$ | **1**, right on the border |
#
# Look at Luz: she is **exactly** on the border, and the rule says $\ge$, so the answer is 1. And note that the cut is
# at $z=0$, not at 0.5: the 0.5 will come in section 4, when the answer is a probability.
#
# ### Task 1 · `step_neuron` (1 point)
#
# Write `step_neuron(x, w, b)`: the perceptron's answer, 1 where $w\cdot x+b\ge 0$ and 0 where not.
#
# - `x` is **one sample** of shape `(d,)`, and then you return a number, or a **table** `(n, d)` with one sample per
#   row, and then you return an array `(n,)`. `w` has shape `(d,)` and `b` is a number.
# - `x` and `w` may be lists or arrays, of integers or decimals.


# %% task="step_neuron" points=1
def step_neuron(x, w, b):
    """The perceptron's answer: 1 where w·x + b >= 0, else 0.

    x: list or array, one sample (d,) or a table of samples (n, d); w: (d,); b: a number.
    Returns a number for one sample, an array (n,) for a table.
    """
    ### BEGIN SOLUTION
    z = np.asarray(x, dtype=float) @ np.asarray(w, dtype=float) + b
    return 1 * (z >= 0)
    ### END SOLUTION


# %% check="step_neuron"
def test_three_students(step_neuron):
    """es: Responde 1, 0 y 1 a los tres alumnos. | en: It answers 1, 0 and 1 to the three students."""
    import numpy as np

    got = step_neuron(np.array([[6.0, 8.0], [2.0, 7.0], [4.0, 8.0]]), np.array([1.0, 1.0]), -12.0)
    assert got is not None, T(
        es="La función no devuelve nada: ¿falta return?", en="Nothing is returned: is return missing?"
    )
    assert np.shape(got) == (3,), T(
        es=f"Tres muestras piden tres respuestas, forma (3,), y salió {np.shape(got)}.",
        en=f"Three samples ask for three answers, shape (3,), got {np.shape(got)}.",
    )
    got = np.asarray(got, dtype=float)
    known = {
        (1.0, 0.0, 0.0): T(
            es="en la frontera, z = 0, la respuesta es 1: >=, no >", en="at z = 0 the answer is 1: >=, not >"
        ),
        (1.0, 1.0, 1.0): T(es="parece que falta sumar b", en="b seems to be missing"),
        (1.0, -1.0, 1.0): T(es="se pide 0, no −1, donde z < 0", en="0 is asked for, not −1, where z < 0"),
        (0.0, 1.0, 0.0): T(es="está al revés", en="it is the wrong way round"),
        (2.0, -3.0, 0.0): T(es="esos son los z: falta el escalón", en="those are the z: the step is missing"),
    }
    reason = known.get(tuple(got.tolist()), T(es="los z son 2, −3 y 0", en="the z are 2, −3 and 0"))
    assert np.array_equal(got, [1, 0, 1]), T(
        es=f"Se esperaba (1, 0, 1) y salió {got}: {reason}.", en=f"Expected (1, 0, 1), got {got}: {reason}."
    )


def test_sample_or_table(step_neuron):
    """es: Una muestra da un número; una tabla, uno por fila. | en: A sample gives a number; a table, one per row."""
    import numpy as np

    one = step_neuron([3, 1], [1, 1], -2)
    assert np.ndim(one) == 0, T(
        es=f"Una sola muestra pide un número y salió algo de forma {np.shape(one)}.",
        en=f"A single sample asks for a number, this has shape {np.shape(one)}.",
    )
    assert one == 1, T(
        es=f"Aquí z = 3 + 1 − 2 = 2, y respondiste {one}.", en=f"Here z = 3 + 1 − 2 = 2, you answered {one}."
    )
    got = step_neuron([[3, 1, 0], [0, 0, 0]], [1, 1, 5], -2)
    assert np.shape(got) == (2,), T(
        es=f"Con una tabla (2, 3) salió la forma {np.shape(got)}: w multiplica cada fila, (2, 3) por (3,).",
        en=f"A table (2, 3) gave shape {np.shape(got)}: w multiplies every row, (2, 3) times (3,).",
    )


# %% [markdown] lang="es"
# ## 2. Una decisión suave: la sigmoide
#
# El perceptrón tiene un defecto fatal: **no se puede entrenar bajando una cuesta**. Mueve un peso un poquito: casi
# siempre no cambia ninguna respuesta; el escalón es plano, su derivada es 0, y el gradiente no dice nada. Hay que
# suavizarlo. La **sigmoide** es un escalón con la esquina redondeada:
#
# $$\sigma(z)=\frac{1}{1+e^{-z}}$$
#
# Está siempre entre 0 y 1, así que se puede leer como una **probabilidad**. En el medio, $\sigma(0)=\tfrac12$: ni sí
# ni no. Lejos, casi decide: $\sigma(7)=0{,}99909$ y $\sigma(-7)=0{,}00091$. Y es simétrica:
#
# $$\sigma(-z)=1-\sigma(z)$$
#
# > **Cuidado con la diapositiva.** Allí se programa `1/(1+exp(x))`, sin el menos. Tienta porque la curva también es
# > una S entre 0 y 1 y también vale $\tfrac12$ en el 0: si solo pruebas con 0, no lo notas. Pero es la S **vista en un
# > espejo**, $\sigma(-x)$: cuantas más horas estudies, menos probable sería aprobar. Prueba siempre con un número
# > grande: $\sigma(7)$ debe ser casi 1.
#
# ### Una trampa: $e^{z}$ no cabe
#
# Apuesta qué imprime cada línea, y ejecuta.

# %% [markdown] lang="en"
# ## 2. A smooth decision: the sigmoid
#
# The perceptron has a fatal flaw: **it cannot be trained by going downhill**. Move a weight a tiny bit: nearly always
# no answer changes; the step is flat, its derivative is 0, and the gradient has nothing to say. It has to be made
# smooth. The **sigmoid** is a step with its corner rounded off:
#
# $$\sigma(z)=\frac{1}{1+e^{-z}}$$
#
# It always lies between 0 and 1, so it can be read as a **probability**. In the middle, $\sigma(0)=\tfrac12$: neither
# yes nor no. Far out it almost decides: $\sigma(7)=0.99909$ and $\sigma(-7)=0.00091$. And it is symmetric:
#
# $$\sigma(-z)=1-\sigma(z)$$
#
# > **Mind the slide.** There the program says `1/(1+exp(x))`, without the minus. It tempts because that curve is also
# > an S between 0 and 1 and also $\tfrac12$ at 0: if you only try 0, you will not notice. But it is the S **seen in a
# > mirror**, $\sigma(-x)$: the more you study, the less likely you would be to pass. Always try a large number:
# > $\sigma(7)$ must be almost 1.
#
# ### A trap: $e^{z}$ does not fit
#
# Bet on what each line prints, then run it.

# %% role="demo"
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    huge = np.exp(1000.0)
    print("exp(1000)                   =", huge)
    print("1 / (1 + exp(1000))         =", 1 / (1 + huge))
    print("exp(1000) / (1 + exp(1000)) =", huge / (1 + huge))
for warning in caught:
    print("⚠", warning.category.__name__, "-", warning.message)

# %% [markdown] lang="es"
# El mayor número que cabe en un `float` ronda $10^{308}$; $e^{1000}$ se desborda (*overflow*) y queda en infinito.
# Dividir 1 entre infinito aún da 0, con un aviso; dividir infinito entre infinito da `nan`, y un solo `nan` echa a
# perder una red entera. En cambio, $e^{-1000}$ se redondea a 0 sin quejarse. De ahí la regla: **exponentes negativos,
# siempre**. Multiplicando arriba y abajo por $e^{z}$, la misma sigmoide tiene dos caras:
#
# $$\sigma(z)=\frac{1}{1+e^{-z}}\ \text{ si } z\ge 0,\qquad\qquad \sigma(z)=\frac{e^{z}}{1+e^{z}}\ \text{ si } z<0$$
#
# En ambas el exponente es $-|z|$. Ojo con `np.where(condición, A, B)`: calcula **A y B enteros** y luego elige, así
# que si pones en A y B las dos fórmulas tal cual, se desborda la que no usas. Calcula antes una sola exponencial que
# no pueda desbordarse, o recorta $z$, o busca una función de NumPy que ya lo tenga en cuenta (hay varias).
#
# ### Tarea 2 · `sigmoid` (2 puntos)
#
# Escribe `sigmoid(z)`.
#
# - Con un número devuelve un número (`float`); con una lista o un array de **cualquier forma**, un array de esa forma.
# - Los enteros valen igual que los decimales.
# - Sin avisos de desbordamiento mientras $|z|\le 10\,000$.

# %% [markdown] lang="en"
# The largest number that fits a `float` is about $10^{308}$; $e^{1000}$ overflows and is left at infinity. Dividing 1
# by infinity still gives 0, with a warning; dividing infinity by infinity gives `nan`, and a single `nan` ruins a
# whole network. By contrast, $e^{-1000}$ is rounded to 0 without complaint. Hence the rule: **negative exponents,
# always**. Multiply above and below by $e^{z}$, and the same sigmoid has two faces:
#
# $$\sigma(z)=\frac{1}{1+e^{-z}}\ \text{ if } z\ge 0,\qquad\qquad \sigma(z)=\frac{e^{z}}{1+e^{z}}\ \text{ if } z<0$$
#
# In both, the exponent is $-|z|$. Mind `np.where(condition, A, B)`: it computes **all of A and all of B** and then
# chooses, so if A and B are the two formulas as they stand, the one you do not use overflows. First compute a single
# exponential that cannot overflow, or clip $z$, or find a NumPy function that already takes care of it (there are
# several).
#
# ### Task 2 · `sigmoid` (2 points)
#
# Write `sigmoid(z)`.
#
# - A number gives a number (`float`); a list or an array of **any shape** gives an array of that shape.
# - Integers do as well as decimals.
# - No overflow warnings as long as $|z|\le 10\,000$.


# %% task="sigmoid" points=2
def sigmoid(z):
    """The logistic sigmoid, 1 / (1 + e^(−z)), element by element.

    z: a number, or a list or array of any shape. Returns a float for a number, else an array of the same shape.
    Causes no overflow warning for abs(z) up to 10,000.
    """
    ### BEGIN SOLUTION
    z = np.asarray(z, dtype=float)
    small = np.exp(-np.abs(z))  # between 0 and 1 for every z: it cannot overflow
    p = np.where(z >= 0, 1.0, small) / (1.0 + small)
    return float(p) if z.ndim == 0 else p
    ### END SOLUTION


# %% check="sigmoid"
def test_seven(sigmoid):
    """es: σ(0) = 0,5 y σ(7) = 0,99909. | en: σ(0) = 0.5 and σ(7) = 0.99909."""
    import numpy as np

    for z, want in ((0.0, 0.5), (7.0, 0.99909), (-1.0, 0.26894)):
        got = sigmoid(z)
        assert got is not None, T(
            es="La función no devuelve nada: ¿falta return?", en="Nothing is returned: is return missing?"
        )
        assert np.ndim(got) == 0, T(
            es=f"Un número pide un número, y salió algo de forma {np.shape(got)}.",
            en=f"A number asks for a number, this has shape {np.shape(got)}.",
        )
        mirrored = z != 0 and abs(got - (1 - want)) < 1e-4
        reason = (
            T(es="es la S del espejo, falta el menos de exp(−z)", en="this is the mirrored S, exp(−z) lost its minus")
            if mirrored
            else T(es="revisa la fórmula", en="look at the formula again")
        )
        assert abs(got - want) < 1e-4, T(
            es=f"σ({z:g}) debe ser {want} y salió {float(got):.5f}: {reason}.",
            en=f"σ({z:g}) must be {want}, got {float(got):.5f}: {reason}.",
        )


def test_same_shape_out(sigmoid):
    """es: Sale la misma forma que entra. | en: The shape that goes in comes out."""
    import numpy as np

    for z in ([0, 1, -1], np.array([[0.0, 2.0], [-2.0, 5.0]]), np.zeros((2, 1, 3))):
        got = sigmoid(z)
        assert np.shape(got) == np.shape(z), T(
            es=f"Entró la forma {np.shape(z)} y salió {np.shape(got)}.",
            en=f"Shape {np.shape(z)} went in, {np.shape(got)} came out.",
        )


def test_no_overflow(sigmoid):
    """es: No se desborda lejos del cero. | en: It does not overflow far from zero."""
    import warnings

    import numpy as np

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        got = np.asarray(sigmoid(np.array([-9000.0, 9000.0])))
    assert np.all(np.isfinite(got)), T(
        es=f"En ±9000 salió {got}: infinito entre infinito es nan. Usa solo exponentes negativos.",
        en=f"At ±9000 this gives {got}: infinity over infinity is nan. Use negative exponents only.",
    )
    overflows = [str(item.message) for item in caught if issubclass(item.category, RuntimeWarning)]
    assert not overflows, T(
        es=f"NumPy avisa: «{overflows[0]}». ¿Se calcula exp de algo grande, quizá en la rama de np.where que no usas?",
        en=f'NumPy warns: "{overflows[0]}". Is exp taken of something large, perhaps in the branch of np.where not used?',
    )


# %% [markdown] lang="es"
# ## 3. La pendiente de la S, y otras activaciones
#
# Para entrenar hará falta la derivada. Con la regla del cociente,
#
# $$\sigma'(z)=\frac{e^{-z}}{(1+e^{-z})^2}=\frac{1}{1+e^{-z}}\cdot\frac{e^{-z}}{1+e^{-z}}=\sigma(z)\,\bigl(1-\sigma(z)\bigr)$$
#
# Vale como mucho $\tfrac12\cdot\tfrac12=\tfrac14$, en $z=0$, y lejos del cero casi desaparece: una neurona muy segura
# de sí misma apenas aprende.
#
# > **La confusión clásica.** Muchos programas llaman $s$ a la **salida** y escriben `s * (1 - s)`. Es correcto si $s$
# > es $\sigma(z)$. Si a esa fórmula le das $z$, calcula $z(1-z)$: en $z=3$ da $-6$ en lugar de $0{,}045$. Pregúntate
# > siempre *respecto de qué*, y *qué me están dando*.
#
# ### Tarea 3 · `sigmoid_derivative` (1 punto)
#
# Escribe `sigmoid_derivative(z)`: la derivada de la sigmoide **respecto de $z$**, y lo que recibe es $z$. Acepta lo
# mismo que `sigmoid` (números, listas, arrays de cualquier forma). Puedes llamar a tu `sigmoid`.

# %% [markdown] lang="en"
# ## 3. The slope of the S, and other activations
#
# Training will need the derivative. By the quotient rule,
#
# $$\sigma'(z)=\frac{e^{-z}}{(1+e^{-z})^2}=\frac{1}{1+e^{-z}}\cdot\frac{e^{-z}}{1+e^{-z}}=\sigma(z)\,\bigl(1-\sigma(z)\bigr)$$
#
# It is at most $\tfrac12\cdot\tfrac12=\tfrac14$, at $z=0$, and far from zero it almost vanishes: a neuron that is very
# sure of itself hardly learns.
#
# > **The classic confusion.** Many programs call the **output** $s$ and write `s * (1 - s)`. That is right if $s$ is
# > $\sigma(z)$. Fed with $z$, the same formula computes $z(1-z)$: at $z=3$ it gives $-6$ instead of $0.045$. Always
# > ask *with respect to what*, and *what am I being given*.
#
# ### Task 3 · `sigmoid_derivative` (1 point)
#
# Write `sigmoid_derivative(z)`: the derivative of the sigmoid **with respect to $z$**, and what it receives is $z$. It
# takes what `sigmoid` takes (numbers, lists, arrays of any shape). You may call your `sigmoid`.


# %% task="sigmoid_derivative" points=1
def sigmoid_derivative(z):
    """Derivative of the sigmoid with respect to z, element by element.

    z: a number, or a list or array of any shape. Returns a float for a number, else an array of the same shape.
    """
    ### BEGIN SOLUTION
    small = np.exp(-np.abs(np.asarray(z, dtype=float)))  # the derivative is even: σ'(−z) = σ'(z)
    slope = small / (1.0 + small) ** 2
    return float(slope) if slope.ndim == 0 else slope
    ### END SOLUTION


# %% check="sigmoid_derivative"
def test_top_of_the_hill(sigmoid_derivative):
    """es: En z = 0 la pendiente es 1/4. | en: At z = 0 the slope is 1/4."""
    got = sigmoid_derivative(0.0)
    known = {
        0.0: T(
            es="eso es z·(1 − z): la fórmula pide la salida σ(z)",
            en="that is z·(1 − z): the formula wants the output σ(z)",
        ),
        0.5: T(es="eso es σ(0): falta el factor 1 − σ", en="that is σ(0): the factor 1 − σ is missing"),
        -0.25: T(es="el signo está al revés: la S sube", en="the sign is turned: the S rises"),
        1.0: T(es="esa es la pendiente de tanh", en="that is the slope of tanh"),
    }
    reason = known.get(round(float(got), 4), T(es="revisa la fórmula", en="look at the formula again"))
    assert abs(got - 0.25) < 1e-6, T(
        es=f"Se esperaba 0,25 y salió {float(got):.4f}: {reason}.", en=f"Expected 0.25, got {float(got):.4f}: {reason}."
    )


def test_against_a_small_step(sigmoid_derivative):
    """es: Coincide con la pendiente medida. | en: It equals the measured slope."""
    import numpy as np

    for z in (-3.0, -0.5, 1.0, 2.0, 3.0):
        h = 1e-5
        high, low = (1 / (1 + np.exp(-each)) for each in (z + h, z - h))
        measured, got = (high - low) / (2 * h), sigmoid_derivative(z)
        assert abs(got - measured) < 1e-5, T(
            es=f"En z = {z:g} la S sube con pendiente {measured:.4f}, pero tu derivada dice {float(got):.4f}.",
            en=f"At z = {z:g} the S rises with slope {measured:.4f}, but your derivative says {float(got):.4f}.",
        )


# %% [markdown] lang="es"
# La sigmoide no está sola. Una **activación** es cualquier función que se pone detrás de la suma; estas son las
# corrientes:
#
# | activación | $f(z)$ | $f'(z)$ | carácter |
# |---|---|---|---|
# | sigmoide | $\frac{1}{1+e^{-z}}$ | $\sigma(1-\sigma)$, como mucho 0,25 | una probabilidad: para la salida |
# | tanh | $\frac{e^z-e^{-z}}{e^z+e^{-z}}=2\sigma(2z)-1$ | $1-\tanh^2 z$, como mucho 1 | como σ, pero de −1 a 1 y centrada |
# | ReLU | $\max(0,z)$ | 0 si $z<0$; 1 si $z>0$ | barata, no se aplana a la derecha; a la izquierda puede «morir» |
# | leaky ReLU | $z$ si $z>0$; $\alpha z$ si no | 1; $\alpha$ | ReLU que nunca muere del todo ($\alpha$ pequeño) |
# | ELU | $z$ si $z>0$; $\alpha(e^z-1)$ si no | 1; $\alpha e^z$ | como leaky ReLU, pero suave y con suelo en $-\alpha$ |
# | maxout | $\max_k(w_k\cdot x+b_k)$ | la pendiente de la recta que gana | aprende su forma; el doble de pesos, o más |
#
# En la esquina, $z=0$, ReLU y sus parientes no tienen derivada; los programas eligen una de las dos y nadie lo nota.

# %% [markdown] lang="en"
# The sigmoid is not alone. An **activation** is any function that stands behind the sum; these are the usual ones:
#
# | activation | $f(z)$ | $f'(z)$ | character |
# |---|---|---|---|
# | sigmoid | $\frac{1}{1+e^{-z}}$ | $\sigma(1-\sigma)$, at most 0.25 | a probability: for the output |
# | tanh | $\frac{e^z-e^{-z}}{e^z+e^{-z}}=2\sigma(2z)-1$ | $1-\tanh^2 z$, at most 1 | like σ, but from −1 to 1 and centred |
# | ReLU | $\max(0,z)$ | 0 if $z<0$; 1 if $z>0$ | cheap, never flat on the right; on the left it can "die" |
# | leaky ReLU | $z$ if $z>0$; $\alpha z$ if not | 1; $\alpha$ | a ReLU that never quite dies (small $\alpha$) |
# | ELU | $z$ if $z>0$; $\alpha(e^z-1)$ if not | 1; $\alpha e^z$ | like leaky ReLU, but smooth, with a floor at $-\alpha$ |
# | maxout | $\max_k(w_k\cdot x+b_k)$ | the slope of the line that wins | learns its shape; twice the weights or more |
#
# In the corner, $z=0$, ReLU and its relatives have no derivative; programs choose one of the two and nobody notices.

# %% role="demo"
z = np.linspace(-4, 4, 801)
negative = z < 0
first, second = -0.5 * z - 1, 0.8 * z - 0.5  # the two lines of this maxout
curves = (
    (T(es="sigmoide", en="sigmoid"), sigmoid(z), sigmoid_derivative(z)),
    ("tanh", np.tanh(z), 1 - np.tanh(z) ** 2),
    ("ReLU", np.maximum(z, 0), np.where(negative, 0, 1.0)),
    ("leaky ReLU, α = 0.1", np.where(negative, 0.1 * z, z), np.where(negative, 0.1, 1.0)),
    ("ELU, α = 1", np.where(negative, np.expm1(z), z), np.where(negative, np.exp(z), 1.0)),
    (
        T(es="maxout de dos rectas", en="maxout of two lines"),
        np.maximum(first, second),
        np.where(first > second, -0.5, 0.8),
    ),
)
figure, panels = plt.subplots(2, 3, figsize=(11, 6), sharex=True, sharey=True, layout="constrained")
for axes, (name, value, slope) in zip(panels.flat, curves, strict=True):
    slope = np.where(np.abs(np.gradient(slope)) > 0.2, np.nan, slope)  # no upright line where the slope jumps
    axes.plot(z, value, color=BLUE, linewidth=2.5, label=T(es="activación, f(z)", en="activation, f(z)"))
    axes.plot(z, slope, "--", color=RED, linewidth=2, label=T(es="derivada, f′(z)", en="derivative, f′(z)"))
    axes.set(title=name, ylim=(-1.2, 2.2))
for axes in panels[1]:
    axes.set_xlabel("z")
figure.legend(*panels[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False)
figure.suptitle(T(es="Seis activaciones y sus derivadas", en="Six activations and their derivatives"))
plt.show()

# %% [markdown] lang="es"
# **Qué se ve.** Seis paneles; en cada uno, la activación (azul continua) y su derivada (roja discontinua). La
# derivada de la sigmoide es una colina baja, de altura 0,25; la de tanh, otra cuatro veces más alta; ambas se hunden
# hasta 0 a los lados. La de ReLU es un escalón de 0 a 1: a la izquierda no hay pendiente ninguna. Leaky ReLU conserva
# allí un 0,1; ELU baja suavemente hacia 0. Maxout sigue en cada sitio a la mayor de sus dos rectas.
#
# **Por qué importa.** En una red profunda estas derivadas se **multiplican**. Diez capas de sigmoides dejan pasar como
# mucho $0{,}25^{10}\approx 0{,}000001$ del gradiente: es el *gradiente que se desvanece*. Por eso en las capas ocultas
# se usan ReLU y sus parientes, y la sigmoide se guarda para la salida, donde hace falta una probabilidad.
#
# ## 4. La neurona
#
# Juntamos las dos piezas: la suma y la decisión suave.
#
# $$p=\sigma(w\cdot x+b)$$
#
# La respuesta $p$ se lee como *la probabilidad de que la clase sea 1*: con los pesos de antes, Ana tiene
# $p=\sigma(2)=0{,}88$; Beto, $\sigma(-3)=0{,}05$; y Luz, en la frontera, $\sigma(0)=0{,}5$. Para decidir, se corta en
# $p=0{,}5$, que es lo mismo que cortar en $z=0$.
#
# ### Tarea 4 · `neuron` (1 punto)
#
# Escribe `neuron(x, w, b)`: la sigmoide de $w\cdot x+b$. Las formas son las de `step_neuron`: una muestra `(d,)` da un
# número y una tabla `(n, d)` da un array `(n,)`. Puedes llamar a tu `sigmoid`.

# %% [markdown] lang="en"
# **What you see.** Six panels; in each, the activation (solid blue) and its derivative (dashed red). The derivative of
# the sigmoid is a low hill of height 0.25; that of tanh, another one four times as high; both sink to 0 on the sides.
# That of ReLU is a step from 0 to 1: on the left there is no slope at all. Leaky ReLU keeps 0.1 there; ELU falls
# smoothly towards 0. Maxout follows everywhere the higher one of its two lines.
#
# **Why it matters.** In a deep network these derivatives are **multiplied**. Ten layers of sigmoids let through at
# most $0.25^{10}\approx 0.000001$ of the gradient: the *vanishing gradient*. That is why hidden layers use ReLU and
# its relatives, and the sigmoid is kept for the output, where a probability is needed.
#
# ## 4. The neuron
#
# We put the two pieces together: the sum and the smooth decision.
#
# $$p=\sigma(w\cdot x+b)$$
#
# The answer $p$ is read as *the probability that the class is 1*: with the weights from before, Ana has
# $p=\sigma(2)=0.88$; Beto, $\sigma(-3)=0.05$; and Luz, on the border, $\sigma(0)=0.5$. To decide, cut at $p=0.5$,
# which is the same as cutting at $z=0$.
#
# ### Task 4 · `neuron` (1 point)
#
# Write `neuron(x, w, b)`: the sigmoid of $w\cdot x+b$. The shapes are those of `step_neuron`: one sample `(d,)` gives a
# number and a table `(n, d)` gives an array `(n,)`. You may call your `sigmoid`.


# %% task="neuron" points=1
def neuron(x, w, b):
    """The sigmoid neuron's answer: the sigmoid of w·x + b, a probability.

    x: list or array, one sample (d,) or a table of samples (n, d); w: (d,); b: a number.
    Returns a number for one sample, an array (n,) for a table.
    """
    ### BEGIN SOLUTION
    z = np.asarray(x, dtype=float) @ np.asarray(w, dtype=float) + b
    # log(1 + e^(−z)) as NumPy has it, which never overflows.
    return np.exp(-np.logaddexp(0.0, -z))
    ### END SOLUTION


# %% check="neuron"
def test_probabilities_of_three(neuron):
    """es: Ana, Beto y Luz: 0,88, 0,05 y 0,5. | en: Ana, Beto and Luz: 0.88, 0.05 and 0.5."""
    import numpy as np

    got = neuron(np.array([[6.0, 8.0], [2.0, 7.0], [4.0, 8.0]]), np.array([1.0, 1.0]), -12.0)
    assert np.shape(got) == (3,), T(
        es=f"Tres muestras piden tres probabilidades, forma (3,), y salió {np.shape(got)}.",
        en=f"Three samples ask for three probabilities, shape (3,), got {np.shape(got)}.",
    )
    got = np.asarray(got, dtype=float)
    known = {
        (1.0, 1.0, 1.0): T(es="parece que falta sumar b", en="b seems to be missing"),
        (2.0, -3.0, 0.0): T(es="esos son los z: falta la sigmoide", en="those are the z: the sigmoid is missing"),
        (1.0, 0.0, 1.0): T(
            es="eso es el escalón: se pide la sigmoide", en="that is the step: the sigmoid is asked for"
        ),
        (0.12, 0.95, 0.5): T(
            es="es la S del espejo: mira tu sigmoid", en="this is the mirrored S: look at your sigmoid"
        ),
    }
    reason = known.get(tuple(got.round(2).tolist()), T(es="los z son 2, −3 y 0", en="the z are 2, −3 and 0"))
    assert np.allclose(got, [0.88080, 0.04743, 0.5], atol=1e-4), T(
        es=f"Se esperaba (0,881; 0,047; 0,5) y salió {got.round(3)}: {reason}.",
        en=f"Expected (0.881, 0.047, 0.5), got {got.round(3)}: {reason}.",
    )


def test_one_sample(neuron):
    """es: Una sola muestra da un número, también con listas. | en: One sample gives a number, with lists too."""
    import numpy as np

    got = neuron([1, 2], [3, -1], -1)
    assert np.ndim(got) == 0, T(
        es=f"Una muestra pide un número y salió algo de forma {np.shape(got)}.",
        en=f"One sample asks for a number, this has shape {np.shape(got)}.",
    )
    assert abs(got - 0.5) < 1e-6, T(
        es=f"Aquí z = 3 − 2 − 1 = 0 y p = 0,5; salió {float(got):.4f}.",
        en=f"Here z = 3 − 2 − 1 = 0 and p = 0.5; got {float(got):.4f}.",
    )


# %% role="demo"
study = np.linspace(0, 12, 601)
table = np.column_stack([study, np.full(601, 80.0)])
weights, bias = np.array([1.0, 0.1]), -12.0
soft, hard = neuron(table, weights, bias), step_neuron(table, weights, bias)

figure, axes = plt.subplots(figsize=(7, 3.8))
axes.plot(study, hard, "--", color=ORANGE, linewidth=2, label=T(es="perceptrón", en="perceptron"))
axes.plot(study, soft, color=BLUE, linewidth=2.5, label=T(es="neurona sigmoide", en="sigmoid neuron"))
for name, amount in (("Luz", 4), ("Ana", 6)):
    p = neuron([amount, 80], weights, bias)
    axes.plot(amount, p, "o", color=BLACK, markersize=8, zorder=3)
    axes.annotate(f"{name}: p = {p:.2f}", (amount, p), (10, -12), textcoords="offset points")
axes.set_xlabel(T(es="horas de estudio por semana (asistencia: 80 %)", en="hours of study per week (attendance: 80%)"))
axes.set_ylabel(T(es="respuesta", en="answer"))
axes.set_title(T(es="Del escalón a la probabilidad", en="From the step to the probability"))
axes.legend(frameon=False, loc="center right")
plt.show()

# %% [markdown] lang="es"
# **Qué se ve.** La respuesta para alumnos con un 80 % de asistencia, según sus horas de estudio. El perceptrón (naranja
# discontinua) salta de 0 a 1 en las 4 horas. La neurona sigmoide (azul) sube poco a poco y cruza $p=0{,}5$ en el mismo
# sitio, donde está Luz; Ana, con 6 horas, va por 0,88. Ahora un pequeño cambio en un peso **sí** cambia la respuesta:
# hay una cuesta por la que bajar. Solo falta decir cuesta *de qué*.
#
# ## 5. ¿Cuánto se equivoca una probabilidad? La entropía cruzada
#
# La verdad es $y=1$ o $y=0$; la neurona dice $p$. ¿Qué error le apuntamos? Pensemos en la **sorpresa**: si pasa algo a
# lo que dabas probabilidad $p$, tu sorpresa es $-\log p$ (logaritmo natural).
#
# | verdad $y=1$ y dijiste $p=$ | 0,99 | 0,9 | 0,5 | 0,1 | 0,01 |
# |---|---|---|---|---|---|
# | sorpresa, $-\log p$ | 0,01 | 0,11 | 0,69 | 2,30 | 4,61 |
# | error al cuadrado, $(1-p)^2$ | 0,00 | 0,01 | 0,25 | 0,81 | 0,98 |
#
# Si la verdad es $y=0$, pasó lo que tenía probabilidad $1-p$, y la sorpresa es $-\log(1-p)$. Como $y$ solo vale 0 o 1,
# una fórmula elige el término que toca, y se promedia. Es la **entropía cruzada binaria**:
#
# $$\mathrm{BCE}=-\frac1n\sum_{i=1}^{n}\Bigl[\,y_i\log p_i+(1-y_i)\log(1-p_i)\Bigr]$$
#
# > **Cuidado con la diapositiva.** Allí falta el signo menos. Tienta olvidarlo porque dentro del corchete todo son
# > sumas; pero el logaritmo de una probabilidad es negativo, y sin el menos **la pérdida sería negativa**: bajar la
# > cuesta significaría sorprenderse cada vez más. Una entropía cruzada nunca es menor que 0.
#
# ### Otra trampa: $\log 0$
#
# Si la neurona dice exactamente $p=0$ y la verdad es 1, la sorpresa es infinita. Incluso acertando hay problemas: con
# $y=1$ y $p=1$, el término $(1-y)\log(1-p)$ es $0\cdot(-\infty)$, que en NumPy es `nan`. El remedio corriente, y el de
# Keras, es recortar $p$ al intervalo $[\varepsilon,\,1-\varepsilon]$ con $\varepsilon=10^{-7}$. No lo tomes mucho más
# pequeño: en un `float`, $1-10^{-17}$ **es** 1.
#
# ### Tarea 5 · `binary_cross_entropy` (2 puntos)
#
# Escribe `binary_cross_entropy(y_true, p)`: la **media** de las sorpresas, un número.
#
# - `y_true` (ceros y unos) y `p` (probabilidades) son listas o arrays del mismo tamaño `(n,)`.
# - El resultado es finito también cuando algún `p` es exactamente 0 o 1. (Qué valor tome ahí no se juzga; recortar
#   hasta $10^{-7}$ está bien.)

# %% [markdown] lang="en"
# **What you see.** The answer for students with 80% attendance, by their hours of study. The perceptron (dashed
# orange) jumps from 0 to 1 at 4 hours. The sigmoid neuron (blue) rises little by little and crosses $p=0.5$ at the
# same place, where Luz is; Ana, with 6 hours, is at 0.88. Now a small change in a weight **does** change the answer:
# there is a slope to go down. What remains is to say the slope *of what*.
#
# ## 5. How wrong is a probability? Cross-entropy
#
# The truth is $y=1$ or $y=0$; the neuron says $p$. What error do we charge? Think of **surprise**: when something
# happens to which you gave probability $p$, your surprise is $-\log p$ (natural logarithm).
#
# | truth $y=1$ and you said $p=$ | 0.99 | 0.9 | 0.5 | 0.1 | 0.01 |
# |---|---|---|---|---|---|
# | surprise, $-\log p$ | 0.01 | 0.11 | 0.69 | 2.30 | 4.61 |
# | squared error, $(1-p)^2$ | 0.00 | 0.01 | 0.25 | 0.81 | 0.98 |
#
# When the truth is $y=0$, what happened had probability $1-p$, and the surprise is $-\log(1-p)$. As $y$ is only ever 0
# or 1, one formula picks the term that applies, and we average. This is **binary cross-entropy**:
#
# $$\mathrm{BCE}=-\frac1n\sum_{i=1}^{n}\Bigl[\,y_i\log p_i+(1-y_i)\log(1-p_i)\Bigr]$$
#
# > **Mind the slide.** There the minus sign is missing. Forgetting it tempts because inside the bracket everything is
# > added; but the logarithm of a probability is negative, and without the minus **the loss would be negative**: going
# > downhill would mean being surprised more and more. A cross-entropy is never below 0.
#
# ### Another trap: $\log 0$
#
# If the neuron says exactly $p=0$ and the truth is 1, the surprise is infinite. Even a hit is trouble: with $y=1$ and
# $p=1$, the term $(1-y)\log(1-p)$ is $0\cdot(-\infty)$, which NumPy calls `nan`. The usual remedy, and that of Keras,
# is to clip $p$ to the interval $[\varepsilon,\,1-\varepsilon]$ with $\varepsilon=10^{-7}$. Do not take it much
# smaller: in a `float`, $1-10^{-17}$ **is** 1.
#
# ### Task 5 · `binary_cross_entropy` (2 points)
#
# Write `binary_cross_entropy(y_true, p)`: the **mean** of the surprises, one number.
#
# - `y_true` (zeros and ones) and `p` (probabilities) are lists or arrays of one size `(n,)`.
# - The result is finite even when some `p` is exactly 0 or 1. (Which value it takes there is not judged; clipping up
#   to $10^{-7}$ is fine.)


# %% task="binary_cross_entropy" points=2
def binary_cross_entropy(y_true, p):
    """Mean binary cross-entropy of probabilities p against the truth, with natural logarithms.

    y_true: zeros and ones, p: probabilities of a one; lists or arrays, shape (n,). Returns a float.
    Finite also when some p is exactly 0 or 1.
    """
    ### BEGIN SOLUTION
    truth = np.asarray(y_true, dtype=float).ravel()
    p = np.clip(np.asarray(p, dtype=float).ravel(), 1e-7, 1 - 1e-7)
    surprise = -truth * np.log(p) - (1 - truth) * np.log(1 - p)
    return float(np.mean(surprise))
    ### END SOLUTION


# %% check="binary_cross_entropy"
def test_two_surprises(binary_cross_entropy):
    """es: Dos sorpresas de 0,11 y 2,30 promedian 1,20. | en: Two surprises of 0.11 and 2.30 average 1.20."""
    import numpy as np

    got = binary_cross_entropy(np.array([1.0, 0.0]), np.array([0.9, 0.9]))
    assert got is not None, T(
        es="La función no devuelve nada: ¿falta return?", en="Nothing is returned: is return missing?"
    )
    assert np.ndim(got) == 0, T(
        es=f"Se pide un solo número y salió algo de forma {np.shape(got)}: ¿falta la media?",
        en=f"One number is asked for, this has shape {np.shape(got)}: is the mean missing?",
    )
    known = {
        -1.204: T(es="falta el signo menos", en="the minus sign is missing"),
        2.408: T(es="eso es la suma: divide entre n", en="that is the sum: divide by n"),
        0.053: T(
            es="falta el término de los ceros, (1 − y)·log(1 − p)",
            en="the term of the zeros, (1 − y)·log(1 − p), is missing",
        ),
        1.151: T(es="falta el término de los unos, y·log p", en="the term of the ones, y·log p, is missing"),
        0.41: T(es="eso es el error cuadrático", en="that is the squared error"),
        1.737: T(es="has usado el logaritmo en base 2", en="you used the logarithm of base 2"),
        0.523: T(es="has usado el logaritmo en base 10", en="you used the logarithm of base 10"),
    }
    reason = known.get(round(float(got), 3), T(es="revisa la fórmula", en="look at the formula again"))
    assert abs(got - 1.204) < 1e-3, T(
        es=f"−(log 0,9 + log 0,1)/2 = 1,204 y salió {float(got):.3f}: {reason}.",
        en=f"−(log 0.9 + log 0.1)/2 = 1.204, got {float(got):.3f}: {reason}.",
    )


def test_certain_answers(binary_cross_entropy):
    """es: Con p igual a 0 o a 1 el resultado es finito. | en: With p equal to 0 or 1 the result is finite."""
    import numpy as np

    for y, p in (([1, 0], [1, 0]), ([1, 0], [0, 1])):
        with np.errstate(all="ignore"):
            got = binary_cross_entropy(np.array(y), np.array(p, dtype=float))
        assert np.isfinite(got), T(
            es=f"Con y = {y} y p = {p} salió {got}: log 0 es infinito, y 0 por infinito es nan. Recorta p por los dos lados.",
            en=f"With y = {y} and p = {p} this is {got}: log 0 is infinite, and 0 times infinity is nan. Clip p at both ends.",
        )


# %% role="demo"
p = np.linspace(0.002, 0.998, 500)
figure, panels = plt.subplots(1, 2, figsize=(10, 3.9), sharey=True, layout="constrained")
for axes, truth in zip(panels, (1, 0), strict=True):
    surprise = np.array([binary_cross_entropy([truth], [each]) for each in p])
    axes.plot(p, surprise, color=BLUE, linewidth=2.5, label=T(es="entropía cruzada", en="cross-entropy"))
    axes.plot(
        p, (p - truth) ** 2, "--", color=ORANGE, linewidth=2.5, label=T(es="error al cuadrado", en="squared error")
    )
    axes.set_xlabel(T(es="probabilidad que dice la neurona, p", en="probability the neuron says, p"))
    axes.set_title(T(es=f"La verdad es y = {truth}", en=f"The truth is y = {truth}"))
panels[0].set_ylabel(T(es="error apuntado", en="error charged"))
panels[0].legend(frameon=False, loc="upper right")
plt.show()

# %% [markdown] lang="es"
# **Qué se ve.** El error según la probabilidad dicha; a la izquierda la verdad es 1, a la derecha es 0. El error al
# cuadrado (naranja discontinua) nunca pasa de 1, y cuando la neurona se equivoca del todo **se aplana**. La entropía
# cruzada (azul) crece sin límite: equivocarse con seguridad sale carísimo, y la cuesta es más empinada cuanto peor es
# la respuesta. Justo lo que queremos para aprender.
#
# **Sus parientes.** Con más de dos clases la red da una probabilidad **por clase**, que suman 1 (*softmax*). La
# **entropía cruzada categórica** es la sorpresa ante la clase verdadera, con la verdad escrita como indicador
# (*one-hot*):
#
# $$\mathrm{CCE}=-\sum_k y_k\log p_k,\qquad y=(0,1,0),\ p=(0{,}2;\ 0{,}7;\ 0{,}1)\ \Rightarrow\ -\log 0{,}7=0{,}357$$
#
# La **entropía cruzada categórica dispersa** (*sparse*) es **el mismo número**; solo cambia cómo se escribe la verdad:
# un entero, la clase 1, en lugar del vector $(0,1,0)$. Y con dos clases, la categórica de $(1-p,\ p)$ es la binaria de
# $p$. En Keras: `BinaryCrossentropy`, `CategoricalCrossentropy` y `SparseCategoricalCrossentropy`.
#
# ## 6. La regla de la cadena, paso a paso
#
# ¿Cómo cambia la pérdida $L$ si movemos un peso? El peso no toca la pérdida directamente: mueve $z$, que mueve $p$, que
# mueve $L$. La **regla de la cadena** multiplica las tres pendientes:
#
# $$\frac{\partial L}{\partial w_j}
# =\frac{\partial L}{\partial p}\cdot\frac{\partial p}{\partial z}\cdot\frac{\partial z}{\partial w_j}$$
#
# Con números: una muestra $x=(2,1)$ cuya verdad es $y=0$, y una neurona con $w=(1;\ -0{,}5)$ y $b=-0{,}5$.
#
# | paso | fórmula | valor |
# |---|---|---|
# | suma | $z=1\cdot 2-0{,}5\cdot 1-0{,}5$ | 1 |
# | respuesta | $p=\sigma(1)$ | 0,731 |
# | pérdida | $L=-\log(1-p)$ | 1,313 |
# | pendiente de la pérdida | $\frac{\partial L}{\partial p}=\frac{p-y}{p(1-p)}$ | $\frac{0{,}731}{0{,}197}=3{,}718$ |
# | pendiente de la sigmoide | $\frac{\partial p}{\partial z}=p(1-p)$ | 0,197 |
# | **su producto** | $\frac{\partial L}{\partial z}=p-y$ | **0,731** |
# | pendiente de la suma | $\frac{\partial z}{\partial w}=x$, $\ \frac{\partial z}{\partial b}=1$ | $(2,1)$ y 1 |
# | **gradiente** | $\frac{\partial L}{\partial w}=(p-y)\,x$, $\ \frac{\partial L}{\partial b}=p-y$ | $(1{,}462;\,0{,}731)$; 0,731 |
#
# El factor $p(1-p)$ está una vez arriba y otra abajo, **y se va**. Esa es la razón de ser de la pareja sigmoide y
# entropía cruzada: lo que queda es, sencillamente, *respuesta menos verdad, por la entrada*. Con el error cuadrático no
# se va: queda $2(p-y)\,p(1-p)\,x$, y una neurona muy segura y muy equivocada (con $p\approx 1$ e $y=0$) casi no se
# corrige. Comprobemos el gradiente con el método infalible: mover cada parámetro un poco y medir.

# %% [markdown] lang="en"
# **What you see.** The error by the probability said; on the left the truth is 1, on the right it is 0. The squared
# error (dashed orange) never exceeds 1, and where the neuron is utterly wrong **it goes flat**. Cross-entropy (blue)
# grows without limit: being wrong and sure is very expensive, and the worse the answer, the steeper the slope. Just
# what we want for learning.
#
# **Its relatives.** With more than two classes the network gives one probability **per class**, adding up to 1
# (*softmax*). **Categorical cross-entropy** is the surprise at the true class, with the truth written as an indicator
# (*one-hot*):
#
# $$\mathrm{CCE}=-\sum_k y_k\log p_k,\qquad y=(0,1,0),\ p=(0.2,\ 0.7,\ 0.1)\ \Rightarrow\ -\log 0.7=0.357$$
#
# **Sparse categorical cross-entropy** is **the same number**; only the truth is written differently: an integer, class
# 1, instead of the vector $(0,1,0)$. And with two classes, the categorical one of $(1-p,\ p)$ is the binary one of $p$.
# In Keras: `BinaryCrossentropy`, `CategoricalCrossentropy` and `SparseCategoricalCrossentropy`.
#
# ## 6. The chain rule, step by step
#
# How does the loss $L$ change when we move a weight? The weight does not touch the loss directly: it moves $z$, which
# moves $p$, which moves $L$. The **chain rule** multiplies the three slopes:
#
# $$\frac{\partial L}{\partial w_j}
# =\frac{\partial L}{\partial p}\cdot\frac{\partial p}{\partial z}\cdot\frac{\partial z}{\partial w_j}$$
#
# In numbers: one sample $x=(2,1)$ whose truth is $y=0$, and a neuron with $w=(1,\ -0.5)$ and $b=-0.5$.
#
# | step | formula | value |
# |---|---|---|
# | sum | $z=1\cdot 2-0.5\cdot 1-0.5$ | 1 |
# | answer | $p=\sigma(1)$ | 0.731 |
# | loss | $L=-\log(1-p)$ | 1.313 |
# | slope of the loss | $\frac{\partial L}{\partial p}=\frac{p-y}{p(1-p)}$ | $\frac{0.731}{0.197}=3.718$ |
# | slope of the sigmoid | $\frac{\partial p}{\partial z}=p(1-p)$ | 0.197 |
# | **their product** | $\frac{\partial L}{\partial z}=p-y$ | **0.731** |
# | slope of the sum | $\frac{\partial z}{\partial w}=x$, $\ \frac{\partial z}{\partial b}=1$ | $(2,1)$ and 1 |
# | **gradient** | $\frac{\partial L}{\partial w}=(p-y)\,x$, $\ \frac{\partial L}{\partial b}=p-y$ | $(1.462,\ 0.731)$ and 0.731 |
#
# The factor $p(1-p)$ stands once above and once below, **and cancels**. That is why sigmoid and cross-entropy are a
# pair: what is left is simply *answer minus truth, times the input*. With the squared error it does not cancel:
# $2(p-y)\,p(1-p)\,x$ is left, and a neuron that is very sure and very wrong (with $p\approx 1$ and $y=0$) hardly
# corrects itself. Let us check the gradient by the infallible method: move each parameter a little, and measure.


# %% role="demo"
def loss_of(w1, w2, bias):
    return binary_cross_entropy([0], [neuron([2, 1], [w1, w2], bias)])


here, nudge = np.array([1.0, -0.5, -0.5]), 1e-5
for name, move in zip(("w1", "w2", "b "), nudge * np.eye(3), strict=True):
    measured = (loss_of(*(here + move)) - loss_of(*(here - move))) / (2 * nudge)
    print(
        T(es=f"pendiente medida al mover {name}: {measured:.3f}", en=f"slope measured by moving {name}: {measured:.3f}")
    )

# %% [markdown] lang="es"
# Con $n$ muestras la pérdida es una media, y su gradiente, la media de los gradientes:
#
# $$\frac{\partial L}{\partial w}=\frac1n\sum_{i=1}^{n}(p_i-y_i)\,x_i=\frac1n X^{\mathsf T}(p-y)
# \qquad\qquad
# \frac{\partial L}{\partial b}=\frac1n\sum_{i=1}^{n}(p_i-y_i)$$
#
# La forma con matrices es la del cuaderno 02: $X^{\mathsf T}$ es `(d, n)`, $p-y$ es `(n,)` y sale `(d,)`, un número por
# peso. Y el descenso es el del cuaderno 01, con la tasa de aprendizaje $\eta$:
#
# $$w\leftarrow w-\eta\,\frac{\partial L}{\partial w}\qquad\qquad b\leftarrow b-\eta\,\frac{\partial L}{\partial b}$$
#
# Aquí se puede empezar en $w=0$, $b=0$: la neurona dice $p=0{,}5$ a todo el mundo y su primera pérdida es
# $\log 2=0{,}693$. (En una red con capas ocultas no se podría: todas las neuronas de una capa aprenderían lo mismo.)
#
# ### Tarea 6 · `train_neuron` (3 puntos)
#
# Escribe `train_neuron(x, y, learning_rate, epochs)`: descenso del gradiente sobre la entropía cruzada binaria, desde
# ceros, y devuelve `w, b, losses`.
#
# - `x` es una tabla `(n, d)` e `y` tiene `n` ceros y unos; pueden ser listas, de enteros o decimales.
# - Cada época es **una** actualización con **todas** las muestras a la vez (lote completo), con la media del gradiente;
#   `w` y `b` se mueven a la vez.
# - `w` tiene forma `(d,)`, `b` es un número y `losses` (lista o array) tiene `epochs` valores: en cada época, la
#   entropía cruzada **antes** de actualizar.
# - Puedes llamar a tus funciones `neuron` y `binary_cross_entropy`, o escribirlo todo dentro.

# %% [markdown] lang="en"
# With $n$ samples the loss is a mean, and its gradient the mean of the gradients:
#
# $$\frac{\partial L}{\partial w}=\frac1n\sum_{i=1}^{n}(p_i-y_i)\,x_i=\frac1n X^{\mathsf T}(p-y)
# \qquad\qquad
# \frac{\partial L}{\partial b}=\frac1n\sum_{i=1}^{n}(p_i-y_i)$$
#
# The form with matrices is that of notebook 02: $X^{\mathsf T}$ is `(d, n)`, $p-y$ is `(n,)`, and out comes `(d,)`, one
# number per weight. And descent is that of notebook 01, with the learning rate $\eta$:
#
# $$w\leftarrow w-\eta\,\frac{\partial L}{\partial w}\qquad\qquad b\leftarrow b-\eta\,\frac{\partial L}{\partial b}$$
#
# Here we may start at $w=0$, $b=0$: the neuron says $p=0.5$ to everyone, and its first loss is $\log 2=0.693$. (In a
# network with hidden layers we could not: all neurons of a layer would learn the same.)
#
# ### Task 6 · `train_neuron` (3 points)
#
# Write `train_neuron(x, y, learning_rate, epochs)`: gradient descent on binary cross-entropy, from zeros, returning
# `w, b, losses`.
#
# - `x` is a table `(n, d)` and `y` has `n` zeros and ones; they may be lists, of integers or decimals.
# - Every epoch is **one** update with **all** samples at once (full batch), with the mean of the gradient; `w` and `b`
#   move at the same time.
# - `w` has shape `(d,)`, `b` is a number, and `losses` (a list or an array) has `epochs` values: in every epoch the
#   cross-entropy **before** the update.
# - You may call your functions `neuron` and `binary_cross_entropy`, or write it all inside.


# %% task="train_neuron" points=3
def train_neuron(x, y, learning_rate, epochs):
    """Full-batch gradient descent on the binary cross-entropy of one sigmoid neuron, from w = 0 and b = 0.

    x: list or array, shape (n, d); y: zeros and ones, shape (n,).
    Returns (w, b, losses): w has shape (d,), b is a number, losses holds one value per epoch, taken before its update.
    """
    ### BEGIN SOLUTION
    inputs, targets = np.asarray(x, dtype=float), np.asarray(y, dtype=float).ravel()
    w, b = np.zeros(inputs.shape[1]), 0.0
    losses = []
    for _ in range(epochs):
        z = inputs @ w + b
        # −log p = log(1 + e^(−z)) and −log(1 − p) = log(1 + e^z): straight from z, no log of 0 can arise.
        surprise_one, surprise_zero = np.logaddexp(0.0, -z), np.logaddexp(0.0, z)
        losses.append(float(np.mean(targets * surprise_one + (1 - targets) * surprise_zero)))
        error = np.exp(-surprise_one) - targets
        w, b = w - learning_rate * inputs.T @ error / targets.size, b - learning_rate * float(np.mean(error))
    return w, b, losses
    ### END SOLUTION


# %% check="train_neuron"
def test_first_step_by_hand(train_neuron):
    """es: El primer paso coincide con el calculado a mano. | en: The first step equals the one computed by hand."""
    import numpy as np

    w, b, losses = train_neuron(np.array([[2.0, 0.0], [0.0, 4.0]]), np.array([1.0, 1.0]), 0.1, 1)
    assert len(losses) == 1, T(
        es=f"Con una época, losses debe tener 1 valor y tiene {len(losses)}.",
        en=f"With one epoch losses must have 1 value, it has {len(losses)}.",
    )
    assert abs(losses[0] - np.log(2)) < 1e-4, T(
        es=f"Desde ceros p = 0,5 y la primera pérdida es log 2 = 0,693; apuntaste {float(losses[0]):.3f}: mídela antes.",
        en=f"From zeros p = 0.5 and the first loss is log 2 = 0.693; you noted {float(losses[0]):.3f}. Measure before the update.",
    )
    assert np.shape(w) == (2,), T(
        es=f"Con dos columnas, w debe tener forma (2,) y tiene {np.shape(w)}.",
        en=f"With two columns w must have shape (2,), it has {np.shape(w)}.",
    )
    steps = {
        -0.05: T(es="subes en lugar de bajar", en="you climb instead of descending"),
        0.1: T(
            es="sumas en lugar de promediar, o sobra un 2",
            en="you add up instead of averaging, or there is a 2 too many",
        ),
        0.025: T(es="eso es el gradiente del error cuadrático", en="that is the gradient of the squared error"),
        0.013: T(es="sobra el factor p(1 − p): se cancela", en="the factor p(1 − p) is too much: it cancels"),
        0.012: T(es="sobra el factor p(1 − p): se cancela", en="the factor p(1 − p) is too much: it cancels"),
        0.0: T(es="w no se mueve", en="w does not move"),
    }
    reason = steps.get(round(float(w[0]), 3), T(es="revisa el paso de w", en="look at the step of w"))
    assert np.allclose(w, [0.05, 0.1], atol=1e-6), T(
        es=f"p − y = −0,5, así que w = 0,1·(0,5·2, 0,5·4)/2 = (0,05, 0,1); salió {np.asarray(w)}: {reason}.",
        en=f"p − y = −0.5, so w = 0.1·(0.5·2, 0.5·4)/2 = (0.05, 0.1); got {np.asarray(w)}: {reason}.",
    )
    assert np.ndim(b) == 0, T(
        es=f"b debe ser un número y tiene forma {np.shape(b)}.", en=f"b must be a number, it has shape {np.shape(b)}."
    )
    reason = (
        T(es="b no se mueve", en="b does not move")
        if float(b) == 0
        else T(es="revisa el paso de b", en="look at the step of b")
    )
    assert abs(b - 0.05) < 1e-6, T(
        es=f"La pendiente de b es la media de p − y, −0,5, así que b = 0,05; salió {float(b):.4f}: {reason}.",
        en=f"The slope of b is the mean of p − y, −0.5, so b = 0.05; got {float(b):.4f}: {reason}.",
    )


def test_learns_a_threshold(train_neuron):
    """es: Aprende dónde está el corte. | en: It learns where the cut is."""
    import numpy as np

    x = np.array([[0.0], [1.0], [2.0], [3.0], [4.0], [5.0]])
    w, b, losses = train_neuron(x, np.array([0, 0, 0, 1, 1, 1]), 0.5, 500)
    assert losses[-1] < losses[0], T(
        es="La pérdida crece: ¿restas el gradiente, o lo sumas?",
        en="The loss grows: do you subtract the gradient, or add it?",
    )
    cut = -float(b) / float(np.ravel(w)[0])
    assert 2 < cut < 3, T(
        es=f"El corte, −b/w, debe quedar entre 2 y 3 y está en {cut:.2f}: ¿se actualiza b en cada época?",
        en=f"The cut, −b/w, must lie between 2 and 3 and is at {cut:.2f}: is b updated in every epoch?",
    )


# %% [markdown] lang="es"
# ## 7. La neurona va a clase
#
# **Separar los datos.** Una nota puesta con las mismas preguntas que se ensayaron no dice nada. Antes de entrenar se
# reparten los alumnos al azar en tres grupos:
#
# - **entrenamiento** (60 %): con ellos se ajustan los pesos;
# - **validación** (20 %): con ellos *elegimos nosotros* (la tasa, las épocas, el modelo);
# - **prueba** (20 %): se miran **una sola vez**, al final, para decir cómo de buena es la neurona.
#
# > **De dónde sale.** La diapositiva presenta `train_test_split` como parte de Keras; es de **scikit-learn**
# > (`sklearn.model_selection`). Lo que Keras tiene es `validation_split=` en `fit`, que aparta las **últimas** filas
# > sin barajar: peligroso si los datos están ordenados.
#
# Se reparte en dos veces: primero se aparta la prueba, luego la validación. `stratify` mantiene en cada grupo la misma
# proporción de aprobados, y `random_state` hace que el reparto se pueda repetir.
#
# **Escalar.** Las horas van de 0 a 12; la asistencia, de 20 a 100. Como en el cuaderno 01, usamos mín-máx,
# $\frac{X-X_{\min}}{X_{\max}-X_{\min}}$, o puntuación z, $\frac{X-\mu}{\sigma}$, con las cifras **solo del
# entrenamiento**: `fit` con él, `transform` con los tres.

# %% [markdown] lang="en"
# ## 7. The neuron goes to class
#
# **Splitting the data.** A mark given on the very questions that were rehearsed says nothing. Before training, the
# students are shared out at random into three groups:
#
# - **training** (60%): with these the weights are fitted;
# - **validation** (20%): with these *we choose* (the rate, the epochs, the model);
# - **test** (20%): looked at **only once**, at the end, to say how good the neuron is.
#
# > **Where it comes from.** The slide presents `train_test_split` as part of Keras; it belongs to **scikit-learn**
# > (`sklearn.model_selection`). What Keras has is `validation_split=` in `fit`, which sets the **last** rows aside
# > without shuffling: dangerous when the data are in some order.
#
# We split twice: first the test set is put aside, then the validation set. `stratify` keeps the same share of passes in
# every group, and `random_state` makes the split repeatable.
#
# **Scaling.** Hours run from 0 to 12; attendance, from 20 to 100. As in notebook 01 we use min-max,
# $\frac{X-X_{\min}}{X_{\max}-X_{\min}}$, or z-scores, $\frac{X-\mu}{\sigma}$, with figures of **the training set only**:
# `fit` on it, `transform` on all three.

# %% role="demo"
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import MinMaxScaler, StandardScaler

x_rest, x_test, y_rest, y_test = train_test_split(students, passed, test_size=0.2, stratify=passed, random_state=1)
x_train, x_val, y_train, y_val = train_test_split(x_rest, y_rest, test_size=0.25, stratify=y_rest, random_state=1)
print(
    T(
        es=f"{len(x_train)} de entrenamiento, {len(x_val)} de validación, {len(x_test)} de prueba",
        en=f"{len(x_train)} for training, {len(x_val)} for validation, {len(x_test)} for the test",
    )
)

scalers = {
    T(es="puntuación z", en="z-score"): StandardScaler().fit(x_train),
    T(es="mín-máx", en="min-max"): MinMaxScaler().fit(x_train),
}
for name, scaler in scalers.items():
    means = [scaler.transform(table).mean(axis=0).round(2) + 0.0 for table in (x_train, x_val)]
    print(f"{name:<13}", *means)

# %% [markdown] lang="es"
# El primer par de números es la media de cada columna en el entrenamiento; el segundo, en la validación. Con puntuación
# z, las del entrenamiento son 0; las de validación, no del todo: señal de que no se ha hecho trampa.
#
# Ahora se entrena. Elegimos la tasa y la escala **mirando la validación**, nunca la prueba.

# %% [markdown] lang="en"
# The first pair of numbers is the mean of each column over the training set; the second, over the validation set. With
# z-scores, those of training are 0; those of validation, not quite: the sign that nobody cheated.
#
# Now we train. We choose the rate and the scale **by looking at the validation set**, never at the test set.

# %% role="demo"
EPOCHS = 300
choices = {}
print(T(es="escala        tasa   pérdida de validación", en="scale         rate   validation loss"))
for name, scaler in scalers.items():
    for rate in (0.01, 0.1, 1.0):
        w, b, _ = train_neuron(scaler.transform(x_train), y_train, rate, EPOCHS)
        choices[name, rate] = binary_cross_entropy(y_val, neuron(scaler.transform(x_val), w, b))
        print(f"{name:<13} {rate:<6} {choices[name, rate]:.3f}")
best_scale, best_rate = min(choices, key=choices.get)
print(T(es="Nos quedamos con:", en="We keep:"), best_scale, best_rate)

# %% [markdown] lang="es"
# Con una tasa pequeña, 300 épocas no bastan para llegar abajo. Y a igual tasa, mín-máx va más despacio: sus columnas no
# están centradas, y $w$ y $b$ tienen que ponerse de acuerdo (recuerda el cañón del cuaderno 01).

# %% [markdown] lang="en"
# At a small rate, 300 epochs are not enough to get down. And at the same rate min-max is slower: its columns are not
# centred, and $w$ and $b$ have to come to terms (remember the canyon of notebook 01).

# %% role="demo"
scaler = scalers[best_scale]
w, b, losses = train_neuron(scaler.transform(x_train), y_train, best_rate, EPOCHS)
moments = np.unique(np.geomspace(1, EPOCHS, 25).round().astype(int))
val_losses = []
for epochs in moments:
    earlier_w, earlier_b, _ = train_neuron(scaler.transform(x_train), y_train, best_rate, int(epochs))
    val_losses.append(binary_cross_entropy(y_val, neuron(scaler.transform(x_val), earlier_w, earlier_b)))

figure, (left, right) = plt.subplots(1, 2, figsize=(11.5, 4.6), layout="constrained")
grid_hours, grid_attendance = np.meshgrid(np.linspace(-0.3, 12.3, 160), np.linspace(17, 103, 160))
grid = np.column_stack([grid_hours.ravel(), grid_attendance.ravel()])
p = neuron(scaler.transform(grid), w, b).reshape(grid_hours.shape)
shades = left.contourf(grid_hours, grid_attendance, p, levels=np.linspace(0, 1, 12), cmap=REGIONS, alpha=0.75)
left.contour(grid_hours, grid_attendance, p, levels=[0.1, 0.5, 0.9], colors=BLACK, linestyles=[":", "-", ":"])
draw_students(left, x_train, y_train, size=26)
figure.colorbar(
    shades,
    ax=left,
    ticks=[0, 0.1, 0.5, 0.9, 1],
    label=T(es="probabilidad de aprobar, p", en="probability of passing, p"),
)
left.set(xlim=(-0.3, 12.3), ylim=(17, 103))
left.set_xlabel(T(es="horas de estudio por semana", en="hours of study per week"))
left.set_ylabel(T(es="asistencia (%)", en="attendance (%)"))
left.set_title(T(es="La frontera aprendida", en="The learned boundary"))
left.legend(loc="lower left", framealpha=0.9)
left.grid(False)

right.plot(range(1, EPOCHS + 1), losses, color=BLUE, linewidth=2.5, label=T(es="entrenamiento", en="training"))
right.plot(moments + 1, val_losses, "o--", color=ORANGE, markersize=4, label=T(es="validación", en="validation"))
right.axhline(np.log(2), color=BLACK, linewidth=1, linestyle=":")
right.annotate(
    T(es="log 2: no saber nada", en="log 2: knowing nothing"), (10, np.log(2)), (0, 5), textcoords="offset points"
)
right.set_xscale("log")
right.set_ylim(0, 0.78)
right.set_xlabel(T(es="época (escala logarítmica)", en="epoch (log scale)"))
right.set_ylabel(T(es="entropía cruzada", en="cross-entropy"))
right.set_title(T(es="La pérdida baja", en="The loss falls"))
right.legend(frameon=False, loc="lower left")
plt.show()

hits = np.mean((neuron(scaler.transform(x_test), w, b) >= 0.5) == (y_test == 1))
print(T(es=f"Y la prueba, una sola vez: {hits:.0%} de aciertos.", en=f"And the test, only once: {hits:.0%} right."))

# %% [markdown] lang="es"
# **Qué se ve.** A la izquierda, los alumnos de entrenamiento sobre el fondo que la neurona ha aprendido: naranja donde
# predice suspenso, azul donde predice aprobado, blanco donde duda. La línea negra continua es la frontera, $p=0{,}5$: una
# **recta**, porque allí $w\cdot x+b=0$. Las de puntos, paralelas, marcan $p=0{,}1$ y $p=0{,}9$: entre ellas está la zona
# de duda, la misma en que los alumnos se mezclan. A la derecha, la pérdida según la época: parte de $\log 2$ y baja deprisa
# hasta aplanarse en un suelo que no es 0, el que pone la suerte. La de validación (naranja discontinua) acompaña a la
# de entrenamiento (azul): una neurona con tres parámetros no tiene con qué memorizar a 144 alumnos. En el cuaderno 05
# verás lo contrario.
#
# ## 8. Lo que una neurona no puede
#
# La frontera de una neurona es una recta (un plano si hay tres entradas, un hiperplano si hay más). Un problema es
# **linealmente separable** si alguna recta deja los unos a un lado y los ceros al otro. Dos problemas de juguete:
#
# | $x_1$ | $x_2$ | OR | XOR |
# |:-:|:-:|:-:|:-:|
# | 0 | 0 | 0 | 0 |
# | 0 | 1 | 1 | 1 |
# | 1 | 0 | 1 | 1 |
# | 1 | 1 | 1 | 0 |
#
# Solo cambia la última fila. Apuesta antes de ejecutar: ¿qué pérdida tendrá cada uno tras 2000 épocas?

# %% [markdown] lang="en"
# **What you see.** On the left, the training students on the background that the neuron has learned: orange where it
# predicts a fail, blue where it predicts a pass, white where it is in doubt. The solid black line is the boundary,
# $p=0.5$: a **straight line**, since there $w\cdot x+b=0$. The dotted ones, parallel to it, mark $p=0.1$ and $p=0.9$:
# between them lies the zone of doubt, the same in which the students mix. On the right, the loss by epoch: it starts at
# $\log 2$ and falls quickly until it levels off on a floor that is not 0, the one set by luck. The validation loss
# (dashed orange) goes along with the training loss (blue): a neuron of three parameters has nothing to memorise 144
# students with. In notebook 05 you will see the opposite.
#
# ## 8. What one neuron can't do
#
# The boundary of a neuron is a straight line (a plane with three inputs, a hyperplane with more). A problem is
# **linearly separable** if some line leaves the ones on one side and the zeros on the other. Two toy problems:
#
# | $x_1$ | $x_2$ | OR | XOR |
# |:-:|:-:|:-:|:-:|
# | 0 | 0 | 0 | 0 |
# | 0 | 1 | 1 | 1 |
# | 1 | 0 | 1 | 1 |
# | 1 | 1 | 1 | 0 |
#
# Only the last row differs. Bet before you run: what loss will each have after 2000 epochs?

# %% role="demo"
corners = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
problems = (("OR", np.array([0, 1, 1, 1])), ("XOR", np.array([0, 1, 1, 0])))
figure, panels = plt.subplots(1, 3, figsize=(12.5, 4), layout="constrained", width_ratios=(1, 1, 1.1))
line = np.linspace(-0.5, 1.5, 120)
across, up = np.meshgrid(line, line)
for axes, (name, outcome), style, colour in zip(panels, problems, ("-", "--"), (BLUE, RED), strict=False):
    w, b, losses = train_neuron(corners, outcome, 0.5, 2000)
    p = neuron(np.column_stack([across.ravel(), up.ravel()]), w, b).reshape(across.shape)
    axes.contourf(across, up, p, levels=np.linspace(0, 1, 12), cmap=REGIONS, alpha=0.75)
    if p.max() - p.min() > 0.1:
        axes.contour(across, up, p, levels=[0.5], colors=BLACK, linewidths=2)
    else:
        axes.plot([0, 1], [1, 0], ":", color=BLUE, linewidth=2.5)
        axes.plot([0, 1], [0, 1], ":", color=RED, linewidth=2.5)
    for label, paint, marker in ((1, BLUE, "o"), (0, RED, "X")):
        chosen = corners[outcome == label]
        axes.scatter(
            chosen[:, 0],
            chosen[:, 1],
            s=130,
            c=paint,
            marker=marker,
            edgecolor="white",
            linewidth=1.5,
            zorder=3,
            label=label,
        )
    axes.set(title=name, xlabel="$x_1$", ylabel="$x_2$", aspect="equal", xticks=[0, 1], yticks=[0, 1])
    axes.grid(False)
    panels[2].plot(range(1, 2001), losses, style, color=colour, linewidth=2.5, label=name)
    print(f"{name:<4} w = {w.round(2)}  b = {b:.2f}  ", T(es="pérdida", en="loss"), f"{losses[-1]:.3f}")
panels[0].legend(title=T(es="clase", en="class"), loc="upper right", framealpha=0.9)
panels[2].set_xscale("log")
panels[2].set_ylim(0, 0.78)
panels[2].set_xlabel(T(es="época (escala logarítmica)", en="epoch (log scale)"))
panels[2].set_ylabel(T(es="entropía cruzada", en="cross-entropy"))
panels[2].set_title(T(es="Una aprende, la otra no", en="One learns, the other does not"))
panels[2].legend(frameon=False, loc="lower left")
plt.show()

# %% [markdown] lang="es"
# **Qué se ve.** Con OR (izquierda) la recta negra deja la cruz roja, $(0,0)$, a un lado y los tres círculos azules al
# otro; su pérdida (azul continua, a la derecha) sigue bajando. Con XOR (centro) el fondo es blanco por completo: la
# neurona responde 0,5 a todo, y su pérdida (roja discontinua) no se mueve de $\log 2$ en 2000 épocas.
#
# **No es pereza.** Ninguna recta separa los dos círculos de las dos cruces: el segmento que une los círculos y el que
# une las cruces (de puntos) **se cortan** en el centro, y ese punto tendría que estar a los dos lados a la vez. En el
# gradiente se ve lo mismo: lo que tira $(1,0)$ de $w_1$ hacia arriba lo tira $(1,1)$ hacia abajo, y el empate es
# perfecto. Más épocas no ayudan; otra tasa, tampoco: en $w=0$ está de verdad el fondo del valle. Minsky y Papert lo
# publicaron en 1969 y el entusiasmo por las redes se enfrió una década.
#
# La solución no es una neurona mejor, sino **dos o más**, y otra que las escuche. Con ella empieza el cuaderno 04.
#
# ## Para recordar
#
# 1. El **perceptrón** suma, $z=w\cdot x+b$, y corta en $z\ge 0$. Su escalón es plano: el gradiente no le dice nada.
# 2. La **sigmoide**, $1/(1+e^{-z})$, con su menos, convierte $z$ en probabilidad. Exponentes siempre negativos: nada
#    se desborda. Su **derivada** es $\sigma(1-\sigma)$, como mucho $\tfrac14$, y se calcula con la salida, no con $z$.
# 3. **tanh** es una sigmoide centrada; **ReLU, leaky ReLU y ELU** no se aplanan a la derecha; **maxout** aprende su forma.
# 4. La **entropía cruzada** es la sorpresa media, con su menos: nunca es negativa, y castiga la seguridad equivocada.
#    Categórica y dispersa son la misma cuenta con más clases.
# 5. La **regla de la cadena** multiplica pendientes; con sigmoide y entropía cruzada queda $(p-y)\,x$.
# 6. **Entrenamiento** ajusta, **validación** elige, **prueba** juzga una sola vez. La escala se mide solo en el
#    entrenamiento. `train_test_split` es de scikit-learn.
# 7. Una neurona traza una recta: OR sí, **XOR no**.
#
# **Para seguir.** Esta neurona es la *regresión logística* de los estadísticos: `LogisticRegression` en scikit-learn, y
# en Keras `Dense(1, activation="sigmoid")` con `BinaryCrossentropy`. Busca `scipy.special.expit`, la opción
# `from_logits=True` (la entropía cruzada calculada desde $z$, sin desbordes), el *truco log-sum-exp*, las activaciones
# *softplus*, *SiLU* y *GELU*, la *divergencia de Kullback-Leibler*, la *calibración* de probabilidades, el libro
# *Perceptrons* de Minsky y Papert, y el capítulo 6 de *Deep Learning*, de Goodfellow, Bengio y Courville.

# %% [markdown] lang="en"
# **What you see.** With OR (left) the black line leaves the red cross, $(0,0)$, on one side and the three blue circles
# on the other; its loss (solid blue, on the right) keeps falling. With XOR (middle) the background is white all over:
# the neuron answers 0.5 to everything, and its loss (dashed red) does not move from $\log 2$ in 2000 epochs.
#
# **It is not laziness.** No line separates the two circles from the two crosses: the segment that joins the circles and
# the one that joins the crosses (dotted) **cross** in the centre, and that point would have to be on both sides at
# once. The gradient shows the same: as much as $(1,0)$ pulls $w_1$ up, $(1,1)$ pulls it down, and the tie is perfect.
# More epochs do not help, nor does another rate: $w=0$ really is the bottom of the valley. Minsky and Papert published
# this in 1969, and enthusiasm for networks cooled down for a decade.
#
# The way out is not a better neuron but **two or more**, and another one that listens to them. Notebook 04 begins with
# it.
#
# ## To remember
#
# 1. The **perceptron** adds up, $z=w\cdot x+b$, and cuts at $z\ge 0$. Its step is flat: the gradient tells it nothing.
# 2. The **sigmoid**, $1/(1+e^{-z})$, with its minus, turns $z$ into a probability. Exponents always negative: nothing
#    overflows. Its **derivative** is $\sigma(1-\sigma)$, at most $\tfrac14$, computed from the output, not from $z$.
# 3. **tanh** is a centred sigmoid; **ReLU, leaky ReLU and ELU** do not go flat on the right; **maxout** learns its shape.
# 4. **Cross-entropy** is the mean surprise, with its minus: it is never negative, and it punishes being sure and wrong.
#    Categorical and sparse are the same sum with more classes.
# 5. The **chain rule** multiplies slopes; with sigmoid and cross-entropy $(p-y)\,x$ is left.
# 6. **Training** fits, **validation** chooses, **test** judges only once. The scale is measured on the training set
#    only. `train_test_split` belongs to scikit-learn.
# 7. One neuron draws one straight line: OR yes, **XOR no**.
#
# **Go further.** Statisticians call this neuron *logistic regression*: `LogisticRegression` in scikit-learn, and in
# Keras `Dense(1, activation="sigmoid")` with `BinaryCrossentropy`. Look up `scipy.special.expit`, the option
# `from_logits=True` (cross-entropy computed from $z$, without overflow), the *log-sum-exp trick*, the activations
# *softplus*, *SiLU* and *GELU*, the *Kullback-Leibler divergence*, the *calibration* of probabilities, the book
# *Perceptrons* by Minsky and Papert, and chapter 6 of *Deep Learning* by Goodfellow, Bengio and Courville.
