# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown] lang="es"
# # XOR: la primera red en Keras
#
# **Objetivos.** Al terminar sabrás:
#
# - explicar por qué una sola neurona no puede con XOR y una capa oculta sí;
# - calcular a mano el paso hacia delante de una red de dos capas;
# - decir por qué una capa oculta lineal no sirve de nada;
# - escribir el mismo modelo con `Sequential` y con la interfaz funcional;
# - elegir pérdida, optimizador y métrica para una clasificación binaria;
# - entrenar con `fit` de forma reproducible, leer el `History` que devuelve y usar `EarlyStopping` y
#   `ModelCheckpoint`;
# - convertir probabilidades en clases y dibujar las regiones de decisión;
# - añadir una conexión de salto y contar los parámetros de la red.
#
# **Requisitos previos:** los cuadernos 01 a 03 (error y descenso del gradiente, producto de matrices, neurona
# sigmoide).
#
# **Tiempo:** unos 90 minutos. El cuaderno resuelto se ejecuta entero en menos de un minuto.

# %% [markdown] lang="en"
# # XOR: the first network in Keras
#
# **Aims.** By the end you will be able to:
#
# - explain why a single neuron cannot do XOR and a hidden layer can;
# - work out the forward pass of a two-layer network by hand;
# - say why a linear hidden layer is of no use;
# - write the same model with `Sequential` and with the functional interface;
# - choose loss, optimizer and metric for a binary classification;
# - train reproducibly with `fit`, read the `History` it returns, and use `EarlyStopping` and `ModelCheckpoint`;
# - turn probabilities into classes and draw the decision regions;
# - add a skip connection and count the parameters of the network.
#
# **Prerequisites:** notebooks 01 to 03 (error and gradient descent, matrix products, the sigmoid neuron).
#
# **Time:** about 90 minutes. The solved notebook runs from top to bottom in under a minute.

# %% role="setup"
import keras
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LinearSegmentedColormap

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype="float32")
y = np.array([0, 1, 1, 0], dtype="float32")

BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#555555"
REGIONS = LinearSegmentedColormap.from_list("regions", ["#6FB1DA", "white", "#EE9A5F"])
TICKS = [-0.5, 0, 0.5, 1, 1.5]


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def draw_points(ax, points, labels):
    """Class 0 as blue circles, class 1 as orange squares."""
    for label, colour, marker in ((0, BLUE, "o"), (1, ORANGE, "s")):
        chosen = points[labels == label]
        name = T(es=f"clase {label}", en=f"class {label}")
        ax.scatter(
            chosen[:, 0],
            chosen[:, 1],
            s=110,
            c=colour,
            marker=marker,
            edgecolor="white",
            linewidth=1.5,
            label=name,
            zorder=3,
        )


# %% [markdown] lang="es"
# ## 1. Una neurona traza una recta; XOR pide dos
#
# XOR («o exclusivo») vale 1 cuando **exactamente una** de sus dos entradas vale 1:
#
# | $x_1$ | $x_2$ | XOR |
# |:-:|:-:|:-:|
# | 0 | 0 | 0 |
# | 0 | 1 | 1 |
# | 1 | 0 | 1 |
# | 1 | 1 | 0 |
#
# Una neurona sigmoide responde «clase 1» cuando $w_1x_1 + w_2x_2 + b > 0$. La frontera entre sus dos respuestas es
# una **recta**, así que solo resuelve problemas **linealmente separables**, como AND y OR. XOR no lo es, y se
# demuestra con cuatro desigualdades. Supongamos que una neurona acierta los cuatro puntos:
#
# - en $(0, 0)$ hace falta $b < 0$, y en $(1, 1)$ hace falta $w_1 + w_2 + b < 0$; sumadas, $w_1 + w_2 + 2b < 0$;
# - en $(1, 0)$ hace falta $w_1 + b > 0$, y en $(0, 1)$ hace falta $w_2 + b > 0$; sumadas, $w_1 + w_2 + 2b > 0$.
#
# Las dos sumas se contradicen: ninguna neurona sola, por mucho que la entrenes, pasa de tres aciertos de cuatro. Con
# **dos** neuronas hay dos rectas. Una tercera neurona, que ya no mira $x_1$ y $x_2$ sino lo que dicen las dos
# primeras, las combina. En la celda siguiente los pesos están puestos a mano: $h_1$ hace de OR y $h_2$ de AND, y «OR
# pero no AND» es XOR.

# %% [markdown] lang="en"
# ## 1. One neuron draws one line; XOR needs two
#
# XOR ("exclusive or") is 1 when **exactly one** of its two inputs is 1:
#
# | $x_1$ | $x_2$ | XOR |
# |:-:|:-:|:-:|
# | 0 | 0 | 0 |
# | 0 | 1 | 1 |
# | 1 | 0 | 1 |
# | 1 | 1 | 0 |
#
# A sigmoid neuron answers "class 1" where $w_1x_1 + w_2x_2 + b > 0$. The border between its two answers is a
# **straight line**, so it can only solve problems that are **linearly separable**, such as AND and OR. XOR is not,
# and four inequalities show it. Suppose that one neuron gets all four points right:
#
# - at $(0, 0)$ we need $b < 0$, and at $(1, 1)$ we need $w_1 + w_2 + b < 0$; added up, $w_1 + w_2 + 2b < 0$;
# - at $(1, 0)$ we need $w_1 + b > 0$, and at $(0, 1)$ we need $w_2 + b > 0$; added up, $w_1 + w_2 + 2b > 0$.
#
# The two sums contradict each other: no single neuron, however long you train it, gets more than three of the four
# right. With **two** neurons there are two lines. A third neuron, which no longer looks at $x_1$ and $x_2$ but at
# what the first two say, combines them. In the next cell the weights are set by hand: $h_1$ acts as OR and $h_2$ as
# AND, and "OR but not AND" is XOR.

# %% role="demo"
h1 = sigmoid(10 * X[:, 0] + 10 * X[:, 1] - 5)
h2 = sigmoid(10 * X[:, 0] + 10 * X[:, 1] - 15)
hidden_points = np.stack([h1, h2], axis=1)

figure, (left, right) = plt.subplots(1, 2, figsize=(9.5, 4.2), layout="constrained")
ends = np.array([-0.5, 1.5])
left.plot(ends, 0.5 - ends, color=GREY, linestyle="--", label=T(es="recta de $h_1$ (OR)", en="line of $h_1$ (OR)"))
left.plot(
    ends,
    1.5 - ends,
    color=GREY,
    linestyle=":",
    linewidth=2.5,
    label=T(es="recta de $h_2$ (AND)", en="line of $h_2$ (AND)"),
)
left.fill_between(ends, 0.5 - ends, 1.5 - ends, color=ORANGE, alpha=0.15)
draw_points(left, X, y)
left.set(xlim=(-0.5, 1.5), ylim=(-0.5, 1.5), aspect="equal", xticks=TICKS, yticks=TICKS, xlabel="$x_1$", ylabel="$x_2$")
left.set_title(T(es="Lo que entra: hacen falta dos rectas", en="What goes in: two lines are needed"))
left.legend(loc="upper center", bbox_to_anchor=(0.5, -0.15), ncols=2, frameon=False)

right.plot(ends, ends - 0.5, color=GREY, label=T(es="recta de la neurona de salida", en="line of the output neuron"))
right.fill_between(ends, ends - 0.5, -0.5, color=ORANGE, alpha=0.15)
draw_points(right, hidden_points, y)
right.set(
    xlim=(-0.5, 1.5), ylim=(-0.5, 1.5), aspect="equal", xticks=TICKS, yticks=TICKS, xlabel="$h_1$", ylabel="$h_2$"
)
right.set_title(T(es="Lo que ve la salida: basta una", en="What the output sees: one is enough"))
right.legend(handles=right.lines, loc="upper center", bbox_to_anchor=(0.5, -0.15), frameon=False)
plt.show()

# %% [markdown] lang="es"
# **Figura 1.** *A la izquierda, los cuatro puntos de XOR y las rectas de las dos neuronas ocultas: los cuadrados
# naranjas (clase 1) quedan en la franja entre las dos y los círculos azules (clase 0), fuera. A la derecha, los
# mismos puntos en las coordenadas $(h_1, h_2)$: los dos cuadrados caen casi en el mismo sitio, abajo a la derecha, y
# una sola recta los separa de los círculos.*
#
# Eso es una capa oculta: **cambia las coordenadas hasta que el problema se vuelve fácil**. Los pesos de esta figura
# los hemos buscado nosotros; los de la red que vas a construir los encontrará el descenso del gradiente.

# %% [markdown] lang="en"
# **Figure 1.** *On the left, the four XOR points and the lines of the two hidden neurons: the orange squares (class
# 1) lie in the band between the two and the blue circles (class 0) outside it. On the right, the same points in the
# coordinates $(h_1, h_2)$: both squares fall almost on the same spot, at the bottom right, and one line separates
# them from the circles.*
#
# That is what a hidden layer does: **it changes the coordinates until the problem becomes easy**. We found the
# weights in this figure ourselves; those of the network you are about to build will be found by gradient descent.

# %% [markdown] lang="es"
# ## 2. El paso hacia delante, a mano
#
# Red de la clase: dos entradas, dos neuronas ocultas, una de salida, todas sigmoides. Las tres neuronas tienen los
# mismos pesos $w = (0, 1)$ y el mismo sesgo $b$. Con la entrada $x = (2, 3)$ y $b = 0$:
#
# $$h_1 = h_2 = \sigma(0\cdot 2 + 1\cdot 3 + 0) = \sigma(3) = 0{,}9526$$
#
# $$o = \sigma(0\cdot h_1 + 1\cdot h_2 + 0) = \sigma(0{,}9526) = 0{,}7216$$
#
# Con $b = 1$ sale otra cosa: $h = \sigma(4) = 0{,}9820$ y $o = \sigma(1{,}9820) = 0{,}8789$. (La diapositiva enuncia
# $b = 1$, pero sus números son los de $b = 0$.) El sesgo cuenta en **cada** neurona, también en la de salida.

# %% [markdown] lang="en"
# ## 2. The forward pass, by hand
#
# The network from the lecture: two inputs, two hidden neurons, one output neuron, all sigmoid. All three neurons have
# the same weights $w = (0, 1)$ and the same bias $b$. With the input $x = (2, 3)$ and $b = 0$:
#
# $$h_1 = h_2 = \sigma(0\cdot 2 + 1\cdot 3 + 0) = \sigma(3) = 0.9526$$
#
# $$o = \sigma(0\cdot h_1 + 1\cdot h_2 + 0) = \sigma(0.9526) = 0.7216$$
#
# With $b = 1$ the result is another: $h = \sigma(4) = 0.9820$ and $o = \sigma(1.9820) = 0.8789$. (The slide states
# $b = 1$, but its numbers are those of $b = 0$.) The bias counts in **every** neuron, the output neuron included.

# %% role="demo"
example = np.array([2.0, 3.0])
weights = np.array([0.0, 1.0])
for bias in (0, 1):
    h = sigmoid(weights @ example + bias)
    o = sigmoid(weights @ np.array([h, h]) + bias)
    print(f"b = {bias}:  h = {h:.4f}   o = {o:.4f}")

# %% [markdown] lang="es"
# ## 3. Sin activación no hay capa
#
# ¿Y si la capa oculta no llevara activación? Con $h = xW_1 + b_1$, la salida sería
#
# $$hW_2 + b_2 = (xW_1 + b_1)W_2 + b_2 = x\,(W_1W_2) + (b_1W_2 + b_2).$$
#
# Es otra vez **una sola** capa lineal, con otros pesos (es el `collapse` del cuaderno 02): cien neuronas lineales
# apiladas siguen trazando una recta. Lo que impide que las capas se fundan en una es la **no linealidad** que va
# entre ellas: $\tanh$, ReLU, sigmoide… En Keras, una capa `Dense` sin `activation=` es lineal.

# %% [markdown] lang="en"
# ## 3. Without an activation there is no layer
#
# What if the hidden layer had no activation? With $h = xW_1 + b_1$ the output would be
#
# $$hW_2 + b_2 = (xW_1 + b_1)W_2 + b_2 = x\,(W_1W_2) + (b_1W_2 + b_2).$$
#
# That is **one** linear layer again, with other weights (the `collapse` of notebook 02): a hundred linear neurons in
# a stack still draw one straight line. What keeps the layers from melting into one is the **non-linearity** between
# them: $\tanh$, ReLU, sigmoid… In Keras, a `Dense` layer without `activation=` is linear.

# %% [markdown] lang="es"
# ## 4. El mismo modelo, escrito de dos maneras
#
# Keras conoce dos formas de describir una red corriente. Vamos a verlas con otro problema: clasificar flores en tres
# especies a partir de cuatro medidas.
#
# - **`Sequential`**: una lista de capas; la salida de cada una es la entrada de la siguiente.
# - **Funcional**: cada capa se *llama* con la salida de otra. Cuesta una línea más y permite bifurcar y volver a
#   unir, cosa que necesitarás al final del cuaderno.
#
# El tamaño de la entrada se declara con `keras.Input` (en Keras 3, `input_shape=` dentro de `Dense` ya no es la forma
# recomendada). No incluye el número de muestras: `(4,)` es «cuatro números por muestra».

# %% [markdown] lang="en"
# ## 4. The same model, written in two ways
#
# Keras knows two ways of describing an ordinary network. Let us see them on another problem: telling three species of
# flowers apart by four measurements.
#
# - **`Sequential`**: a list of layers; the output of each is the input of the next.
# - **Functional**: each layer is *called* on the output of another. It costs one more line, and it lets you branch
#   and join again, which you will need at the end of this notebook.
#
# The size of the input is declared with `keras.Input` (in Keras 3, `input_shape=` inside `Dense` is no longer the
# recommended form). It leaves out the number of samples: `(4,)` means "four numbers per sample".

# %% role="demo"
flowers_sequential = keras.Sequential(
    [keras.Input((4,)), keras.layers.Dense(5, activation="relu"), keras.layers.Dense(3, activation="softmax")]
)

measurements = keras.Input((4,))
features = keras.layers.Dense(5, activation="relu")(measurements)
species = keras.layers.Dense(3, activation="softmax")(features)
flowers_functional = keras.Model(measurements, species)

for name, flowers in (("Sequential", flowers_sequential), (T(es="Funcional", en="Functional"), flowers_functional)):
    print(
        f"{name:<12}{flowers.input_shape} -> {flowers.output_shape}   {flowers.count_params()}",
        T(es="parámetros", en="parameters"),
    )

# %% [markdown] lang="es"
# Cuenta: la primera capa tiene $4\cdot 5 + 5 = 25$ parámetros (un peso por entrada y neurona, y un sesgo por neurona)
# y la segunda, $5\cdot 3 + 3 = 18$; en total, 43 en las dos versiones.
#
# Antes de entrenar hay que **compilar**, es decir, decir con qué se aprende. `compile` recibe tres cosas:
#
# | | qué es | en una clasificación binaria |
# |---|---|---|
# | **pérdida** (`loss`) | lo que el descenso hace pequeño; es derivable | `"binary_crossentropy"` |
# | **optimizador** (`optimizer`) | cómo se da cada paso | Adam, con su tasa de aprendizaje, `learning_rate` |
# | **métricas** (`metrics`) | lo que lee una persona; no influye en los pesos | `"accuracy"`, la fracción de aciertos |
#
# ¿Por qué no el error cuadrático? Porque cuando una sigmoide se equivoca con mucha seguridad, el gradiente del error
# cuadrático casi desaparece, y el de la entropía cruzada no. ¿Y la entropía cruzada *categórica* con `softmax`? Es
# para tres especies de flores, con una neurona de salida **por clase**. Con una sola neurona, `softmax` divide un
# número entre sí mismo: siempre da 1, entre lo que entre.

# %% [markdown] lang="en"
# Count: the first layer has $4\cdot 5 + 5 = 25$ parameters (one weight per input and neuron, and one bias per neuron)
# and the second $5\cdot 3 + 3 = 18$; 43 in all, in both versions.
#
# Before training, the model has to be **compiled**: you say what it learns with. `compile` takes three things:
#
# | | what it is | in a binary classification |
# |---|---|---|
# | **loss** (`loss`) | what descent makes small; it has a derivative | `"binary_crossentropy"` |
# | **optimizer** (`optimizer`) | how each step is taken | Adam, with its learning rate, `learning_rate` |
# | **metrics** (`metrics`) | what a person reads; the weights ignore it | `"accuracy"`, the fraction of right answers |
#
# Why not the squared error? Because when a sigmoid is wrong and very sure of itself, the gradient of the squared
# error all but vanishes, and that of the cross-entropy does not. And *categorical* cross-entropy with `softmax`? That
# is for three species of flowers, with one output neuron **per class**. With a single neuron, `softmax` divides a
# number by itself: it gives 1, whatever goes in.

# %% [markdown] lang="es"
# ### Tarea 1 · `build_xor_model()` — 3 puntos
#
# Construye, compila y devuelve una red para XOR:
#
# - entrada de **dos** números por muestra;
# - al menos **una capa oculta con activación no lineal**;
# - **una** neurona de salida con activación **sigmoide**;
# - compilada con **entropía cruzada binaria** y con la **exactitud** (*accuracy*) como métrica;
# - **100 parámetros** como mucho.
#
# `Sequential` o funcional, como prefieras. Nuestro consejo: 8 o más neuronas ocultas con $\tanh$ y Adam con tasa de
# aprendizaje 0,01. Así aprende XOR prácticamente desde cualquier inicio; con 8 neuronas ReLU falla más o menos una
# vez de cada diez, y con 4 ReLU, casi la mitad de las veces (una ReLU que da 0 en los cuatro puntos no recibe
# gradiente: está «muerta»).

# %% [markdown] lang="en"
# ### Task 1 · `build_xor_model()` — 3 points
#
# Build, compile and return a network for XOR:
#
# - an input of **two** numbers per sample;
# - at least **one hidden layer with a non-linear activation**;
# - **one** output neuron with a **sigmoid** activation;
# - compiled with **binary cross-entropy** and with **accuracy** as metric;
# - **100 parameters** at most.
#
# `Sequential` or functional, as you like. Our advice: 8 or more hidden neurons with $\tanh$, and Adam with a learning
# rate of 0.01. It then learns XOR from practically any start; with 8 ReLU neurons it fails about one time in ten, and
# with 4 ReLU almost half the time (a ReLU that gives 0 on all four points receives no gradient: it is "dead").


# %% task="build_xor_model" points=3
def build_xor_model():
    """A compiled network for XOR: input (2,), a non-linear hidden layer, one sigmoid output, at most 100 parameters.

    Returns a keras.Model, compiled with binary cross-entropy and accuracy.
    """
    ### BEGIN SOLUTION
    model = keras.Sequential(
        [
            keras.Input((2,)),
            keras.layers.Dense(8, activation="tanh"),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    adam = keras.optimizers.Adam(learning_rate=0.01)
    model.compile(optimizer=adam, loss="binary_crossentropy", metrics=["accuracy"])
    return model
    ### END SOLUTION


# %% check="build_xor_model"
def test_two_numbers_in_one_out(build_xor_model):
    """es: Entran dos números y sale uno. | en: Two numbers go in and one comes out."""
    import keras

    model = build_xor_model()
    assert isinstance(model, keras.Model), T(
        es=f"La función tiene que devolver el modelo (con return); ha devuelto {type(model).__name__}.",
        en=f"The function must return the model (with return); it returned {type(model).__name__}.",
    )
    assert tuple(model.input_shape) == (None, 2), T(
        es=f"La forma de la entrada es {model.input_shape} y debería ser (None, 2): mira tu keras.Input.",
        en=f"The input shape is {model.input_shape} and should be (None, 2): look at your keras.Input.",
    )
    assert tuple(model.output_shape) == (None, 1), T(
        es=f"La forma de la salida es {model.output_shape} y debería ser (None, 1): la última capa tiene una neurona.",
        en=f"The output shape is {model.output_shape} and should be (None, 1): the last layer has one neuron.",
    )
    assert model.count_params() <= 100, T(
        es=f"Tu red tiene {model.count_params()} parámetros y el límite es 100: quita neuronas o capas.",
        en=f"Your network has {model.count_params()} parameters and the limit is 100: remove neurons or layers.",
    )


def test_output_is_a_probability(build_xor_model):
    """es: La salida es una probabilidad. | en: The output is a probability."""
    import numpy as np

    far = np.array([[-30, -30], [-30, 30], [0, 0], [30, -30], [30, 30], [3, 17]], dtype="float32")
    p = np.asarray(build_xor_model().predict(far, verbose=0)).ravel()
    assert np.all((p >= 0) & (p <= 1)), T(
        es="Hay salidas fuera de [0, 1]: ¿qué activación lleva la última capa?",
        en="Some outputs lie outside [0, 1]: which activation does the last layer have?",
    )
    assert not np.allclose(p, 1), T(
        es="La salida es siempre 1: eso hace softmax con una sola neurona. Mira la activación de la última capa.",
        en="The output is always 1: that is what softmax does on a single neuron. Look at the last layer's activation.",
    )
    assert abs(p[2] - 0.5) < 0.3, T(
        es="Recién creada, en el origen la red debería dudar (cerca de 0,5): ¿la última capa es sigmoide?",
        en="Freshly made, the network should be in doubt at the origin (near 0.5): is the last layer a sigmoid?",
    )


def test_not_a_straight_line(build_xor_model):
    """es: La capa oculta no es lineal. | en: The hidden layer is not linear."""
    import numpy as np

    points = np.array([[0, 0], [2, 0], [0, 2], [2, 2], [-2, 0], [0, -2], [-2, -2]], dtype="float32")
    p = np.clip(np.asarray(build_xor_model().predict(points, verbose=0), dtype="float64").ravel(), 1e-6, 1 - 1e-6)
    z = np.log(p / (1 - p))
    bends = max(abs(z[0] + z[3] - z[1] - z[2]), abs(z[0] + z[6] - z[4] - z[5]), abs(z[1] + z[4] - 2 * z[0]))
    assert bends > 1e-4, T(
        es="Antes de la sigmoide final tu red es una función lineal: falta la capa oculta, o su activation=.",
        en="Before the last sigmoid your network is a linear function: a hidden layer is missing, or its activation=.",
    )


def test_ready_to_train(build_xor_model):
    """es: Está compilada con lo que se pide. | en: It is compiled with what is asked for."""
    model = build_xor_model()
    assert model.compiled, T(
        es="El modelo no está compilado: llama a model.compile(...) antes de devolverlo.",
        en="The model is not compiled: call model.compile(...) before you return it.",
    )
    loss = str(getattr(model.loss, "name", getattr(model.loss, "__name__", model.loss))).lower().replace("_", "")
    assert loss in ("binarycrossentropy", "bce"), T(
        es=f"La pérdida es {loss!r}; para una salida sigmoide se pide la entropía cruzada binaria.",
        en=f"The loss is {loss!r}; for one sigmoid output we ask for binary cross-entropy.",
    )
    names = str(model.get_compile_config().get("metrics")).lower()
    assert "acc" in names, T(
        es="No veo la exactitud entre las métricas: añade metrics=[...] a compile.",
        en="Accuracy is not among the metrics: add metrics=[...] to compile.",
    )


# %% [markdown] lang="es"
# ## 5. Entrenar: épocas, `History` y semilla
#
# Una **época** es una pasada por todas las muestras. `model.fit(x, y, epochs=…)` parte las muestras en lotes (de 32,
# si no dices otra cosa) y da un paso del optimizador por lote. XOR tiene cuatro muestras, así que aquí una época es
# un solo lote y **un solo paso**: por eso harán falta cientos de épocas, cuando con miles de muestras bastan unas
# pocas.
#
# `fit` devuelve un objeto **`History`**. En `history.epoch` están los números de época y en `history.history`, un
# diccionario con una lista por cada cosa medida: `"loss"`, la métrica (su nombre depende de cómo la escribieras:
# `accuracy`, `acc`, `binary_accuracy`…) y, si hay validación, lo mismo con `val_` delante. El modelo no se devuelve:
# `fit` cambia los pesos **del mismo objeto** que le pasas.
#
# En el entrenamiento hay azar: los pesos iniciales, que se sortean al **construir** la red, y el orden de las
# muestras, que se baraja en cada época de `fit`. Para que un resultado se pueda repetir,
# `keras.utils.set_random_seed(seed)` fija de una vez los generadores de Python, de NumPy y de Keras. Hay que llamarla
# **justo antes** de lo que se quiere repetir: todo lo que se sortee entre medias cambia lo que viene después.

# %% [markdown] lang="en"
# ## 5. Training: epochs, `History` and seed
#
# An **epoch** is one pass over all samples. `model.fit(x, y, epochs=…)` cuts the samples into batches (of 32, unless
# you say otherwise) and takes one optimizer step per batch. XOR has four samples, so here an epoch is one single
# batch and **one single step**: that is why hundreds of epochs are needed, where a few are enough with thousands of
# samples.
#
# `fit` returns a **`History`** object. `history.epoch` holds the epoch numbers and `history.history` a dictionary
# with one list for everything measured: `"loss"`, the metric (its name depends on how you wrote it: `accuracy`,
# `acc`, `binary_accuracy`…) and, with validation, the same again with `val_` in front. The model is not returned:
# `fit` changes the weights **of the very object** you hand it.
#
# There is chance in training: the initial weights, drawn when the network is **built**, and the order of the samples,
# shuffled in each epoch of `fit`. To make a result repeatable, `keras.utils.set_random_seed(seed)` sets the
# generators of Python, NumPy and Keras at once. Call it **right before** what you want to repeat: whatever is drawn
# in between changes what comes after.

# %% [markdown] lang="es"
# ### Tarea 2 · `train_xor(model, x, y, seed=0)` — 3 puntos
#
# Entrena `model` (ya compilado) con los datos `x`, `y` que recibe y devuelve el **`History`** de `fit`:
#
# - **500 épocas** como mucho; con la red recomendada, unas 200 van sobradas;
# - **reproducible**: con los mismos pesos iniciales y la misma `seed`, la misma historia, sea cual sea el estado del
#   azar antes de la llamada;
# - con tu propio `build_xor_model()`, la red entrenada **acierta los cuatro puntos** (al menos con 3 de cada 4
#   semillas).
#
# Con `verbose=0`, `fit` no escribe una línea por época. Cada época cuesta unas centésimas de segundo: paciencia.

# %% [markdown] lang="en"
# ### Task 2 · `train_xor(model, x, y, seed=0)` — 3 points
#
# Train `model` (already compiled) on the data `x`, `y` that come in, and return the **`History`** of `fit`:
#
# - **500 epochs** at most; with the recommended network about 200 are plenty;
# - **reproducible**: with the same initial weights and the same `seed`, the same history, whatever the state of
#   chance before the call;
# - with your own `build_xor_model()`, the trained network gets **all four points right** (for at least 3 of every 4
#   seeds).
#
# With `verbose=0`, `fit` does not write a line per epoch. An epoch costs a few hundredths of a second: be patient.


# %% task="train_xor" points=3
def train_xor(model, x, y, seed=0):
    """Train the compiled `model` on `x` (n, 2) and `y` (n,) for at most 500 epochs.

    The same starting weights and the same `seed` give the same history. Returns the keras.callbacks.History of `fit`.
    """
    ### BEGIN SOLUTION
    keras.utils.set_random_seed(seed)
    return model.fit(x, y, epochs=200, verbose=0)
    ### END SOLUTION


# %% role="demo"
keras.utils.set_random_seed(1)
xor_model = build_xor_model()
history = train_xor(xor_model, X, y, seed=1)
for point, p in zip(X, xor_model.predict(X, verbose=0).ravel(), strict=True):
    print(T(es="entrada", en="input"), point, "  p =", f"{p:.3f}")


# %% check="train_xor"
def test_returns_a_history(history):
    """es: Devuelve el History, con 500 épocas como mucho. | en: It returns the History, with 500 epochs at most."""
    assert "loss" in getattr(history, "history", {}), T(
        es=f"Se esperaba el History que devuelve fit y ha llegado {type(history).__name__}: mira tu return.",
        en=f"Expected the History that fit returns, and got {type(history).__name__}: look at your return.",
    )
    assert len(history.epoch) <= 500, T(
        es=f"Han sido {len(history.epoch)} épocas y el límite es 500: mira epochs=.",
        en=f"There were {len(history.epoch)} epochs and the limit is 500: look at epochs=.",
    )


def test_all_four_points_right(xor_model, X, y):
    """es: La red entrenada acierta los cuatro puntos. | en: The trained network gets all four points right."""
    import numpy as np

    right = int(np.sum((np.asarray(xor_model.predict(X, verbose=0)).ravel() > 0.5) == (y > 0.5)))
    assert right == 4, T(
        es=f"Acierta {right} de 4. Si la pérdida aún bajaba, faltan épocas; si se paró, prueba con más neuronas tanh.",
        en=f"It gets {right} of 4 right. Was the loss still falling? More epochs. Had it stalled? More tanh neurons.",
    )


# %% role="demo"
metric = next(key for key in history.history if "acc" in key and not key.startswith("val_"))
epochs = np.arange(1, len(history.epoch) + 1)

figure, (top, bottom) = plt.subplots(2, 1, figsize=(7, 5.2), sharex=True, layout="constrained")
top.plot(epochs, history.history["loss"], color=BLUE)
top.axhline(np.log(2), color=GREY, linestyle="--", linewidth=1)
top.annotate(
    T(es="ln 2: responder siempre 0,5", en="ln 2: always answering 0.5"),
    (epochs[-1], np.log(2)),
    (0, -5),
    textcoords="offset points",
    ha="right",
    va="top",
    color=GREY,
)
top.set(ylabel=T(es="pérdida", en="loss"), ylim=(0, None))
bottom.plot(epochs, history.history[metric], color=ORANGE, drawstyle="steps-mid")
bottom.set(
    xlabel=T(es="época", en="epoch"),
    ylabel=T(es="exactitud", en="accuracy"),
    ylim=(-0.05, 1.05),
    yticks=[0, 0.25, 0.5, 0.75, 1],
)
for ax in (top, bottom):
    ax.grid(alpha=0.3)
top.set_title(T(es="XOR: pérdida y exactitud", en="XOR: loss and accuracy"))
plt.show()

# %% [markdown] lang="es"
# **Figura 2.** *Dos curvas sobre el mismo eje de épocas. Arriba, la pérdida: parte de cerca de $\ln 2 \approx 0{,}69$
# (línea discontinua, lo que cuesta responder siempre 0,5) y baja de forma suave hacia 0. Abajo, la exactitud:
# tras algún titubeo, sube a escalones de un cuarto hasta 1 y ahí se queda.*
#
# Con cuatro muestras, la exactitud solo puede valer 0, ¼, ½, ¾ o 1. La pérdida, en cambio, sigue bajando mucho
# después de que los cuatro puntos estén bien: la red se vuelve cada vez más segura. Por eso se entrena con la pérdida
# (suave, con derivada) y se informa con la exactitud. Y hay algo que estas curvas **no** dicen: cómo responde la red
# fuera de los cuatro puntos. Para eso dibujaremos las regiones de decisión.

# %% [markdown] lang="en"
# **Figure 2.** *Two curves over the same axis of epochs. Above, the loss: it starts near $\ln 2 \approx 0.69$ (dashed
# line, the price of always answering 0.5) and falls smoothly towards 0. Below, the accuracy:
# after some wavering it climbs in steps of a quarter up to 1 and stays there.*
#
# With four samples the accuracy can only be 0, ¼, ½, ¾ or 1. The loss keeps falling long after all four points are
# right: the network grows more and more certain. That is why we train on the loss (smooth, with a derivative) and
# report the accuracy. And there is something these curves do **not** say: how the network answers away from the four
# points. For that we shall draw the decision regions.

# %% [markdown] lang="es"
# ## 6. *Callbacks*: parar a tiempo y guardar lo mejor
#
# Un *callback* es un objeto al que `fit` avisa al final de cada época. Los dos más usados:
#
# - **`EarlyStopping`** detiene el entrenamiento cuando lo vigilado (`monitor`) lleva `patience` épocas sin mejorar.
#   Con `restore_best_weights=True`, además, recupera los pesos de la mejor época.
# - **`ModelCheckpoint`** guarda en disco. Con `save_best_only=True`, solo cuando hay mejora. Keras 3 exige el final
#   del nombre: `.weights.h5` si guardas solo los pesos (`save_weights_only=True`) y `.keras` si guardas el modelo
#   entero.
#
# Se vigila la pérdida de **validación**, `"val_loss"`, medida en datos que no se usan para entrenar. La de
# entrenamiento baja casi siempre, también cuando la red ya solo memoriza. Los cuatro puntos de XOR no dejan nada para
# validar, así que la demostración usa un XOR con ruido: 40 puntos alrededor de las cuatro esquinas para entrenar y
# otros 200 para validar. La red es la tuya; solo le subimos la tasa de aprendizaje.

# %% [markdown] lang="en"
# ## 6. Callbacks: stop in time and keep the best
#
# A callback is an object that `fit` notifies at the end of each epoch. The two most used:
#
# - **`EarlyStopping`** stops training when what it watches (`monitor`) has not improved for `patience` epochs. With
#   `restore_best_weights=True` it also brings back the weights of the best epoch.
# - **`ModelCheckpoint`** saves to disk. With `save_best_only=True`, only when there is an improvement. Keras 3
#   insists on how the name ends: `.weights.h5` if you save the weights alone (`save_weights_only=True`) and `.keras`
#   if you save the whole model.
#
# What is watched is the **validation** loss, `"val_loss"`, measured on data that training does not use. The training
# loss nearly always falls, even when the network has come to memorise. The four points of XOR leave nothing to
# validate on, so the demonstration uses a noisy XOR: 40 points around the four corners for training and another 200
# for validation. The network is yours; we only raise its learning rate.

# %% role="demo"
rng = np.random.default_rng(4)


def noisy_xor(n):
    corners = rng.integers(0, 2, (n, 2))
    points = corners + rng.normal(0, 0.4, (n, 2))
    return points.astype("float32"), (corners[:, 0] != corners[:, 1]).astype("float32")


noisy_train, noisy_validation = noisy_xor(40), noisy_xor(200)
keras.utils.set_random_seed(0)
noisy_model = build_xor_model()
noisy_model.optimizer.learning_rate = 0.1
noisy_history = noisy_model.fit(
    *noisy_train,
    validation_data=noisy_validation,
    batch_size=20,
    validation_batch_size=200,
    epochs=80,
    verbose=0,
    callbacks=[
        keras.callbacks.EarlyStopping(monitor="val_loss", patience=10, restore_best_weights=True),
        keras.callbacks.ModelCheckpoint(
            "best.weights.h5", monitor="val_loss", save_best_only=True, save_weights_only=True
        ),
    ],
).history

best = int(np.argmin(noisy_history["val_loss"])) + 1
restored = noisy_model.predict(noisy_validation[0], verbose=0)
noisy_model.load_weights("best.weights.h5")
difference = np.abs(noisy_model.predict(noisy_validation[0], verbose=0) - restored).max()
print(T(es="épocas entrenadas:", en="epochs trained:"), len(noisy_history["loss"]))
print(T(es="mejor época:", en="best epoch:"), best)
print(
    T(
        es="diferencia entre lo guardado y lo recuperado:",
        en="difference between what was saved and what was restored:",
    ),
    difference,
)

# %% role="demo"
figure, ax = plt.subplots(figsize=(7, 3.6), layout="constrained")
epochs = np.arange(1, len(noisy_history["loss"]) + 1)
ax.plot(epochs, noisy_history["loss"], color=BLUE, label=T(es="entrenamiento", en="training"))
ax.plot(epochs, noisy_history["val_loss"], color=ORANGE, linestyle="--", label=T(es="validación", en="validation"))
ax.plot(
    best,
    noisy_history["val_loss"][best - 1],
    "D",
    color=ORANGE,
    markersize=8,
    label=T(es="mejor época", en="best epoch"),
)
ax.set(
    xlabel=T(es="época", en="epoch"),
    ylabel=T(es="pérdida", en="loss"),
    title=T(es="XOR con ruido: parada temprana", en="Noisy XOR: early stopping"),
)
ax.grid(alpha=0.3)
ax.legend(frameon=False)
plt.show()

# %% [markdown] lang="es"
# **Figura 3.** *Pérdida por época en el XOR con ruido. Con la red recomendada, la de entrenamiento (línea continua
# azul) no deja de bajar; la de validación (línea discontinua naranja) toca fondo en la época marcada con un rombo y
# luego vuelve a subir. El entrenamiento termina diez épocas más tarde, que es la paciencia pedida.*
#
# Los pesos que hay en memoria y los del archivo son los mismos: los de la mejor época. El cuaderno 05 trata a fondo
# lo que aquí asoma, el sobreajuste.

# %% [markdown] lang="en"
# **Figure 3.** *Loss per epoch on the noisy XOR. With the recommended network, the training loss (solid blue line)
# never stops falling; the validation loss (dashed orange line) reaches its lowest point at the epoch marked with a
# diamond and then rises again. Training ends ten epochs later, the patience we asked for.*
#
# The weights in memory and those in the file are the same: those of the best epoch. Notebook 05 is all about what
# shows its face here, overfitting.

# %% [markdown] lang="es"
# ## 7. De probabilidades a clases
#
# `model.predict(x)` devuelve **una fila por muestra y una columna por neurona de salida**: aquí, una tabla `(n, 1)`
# de probabilidades de la clase 1. Para decidir se pone un **umbral**, casi siempre 0,5: clase 1 por encima, clase 0
# por debajo.
#
# Dos trampas. Si comparas una columna `(n, 1)` con un vector `(n,)`, NumPy no da un error, sino una tabla `(n, n)`
# (ya pasó en el cuaderno 01). Y pasar a entero **corta** los decimales: 0,93 se convierte en 0.
#
# ### Tarea 3 · `predict_class(model, x)` — 1 punto
#
# Devuelve las clases que `model` da a las muestras `x` de forma `(n, 2)`: un array de **enteros** (0 o 1) de forma
# **`(n,)`**, con umbral 0,5. También con una sola muestra: forma `(1,)`.

# %% [markdown] lang="en"
# ## 7. From probabilities to classes
#
# `model.predict(x)` returns **one row per sample and one column per output neuron**: here, a table `(n, 1)` of
# probabilities of class 1. To decide, we set a **threshold**, nearly always 0.5: class 1 above, class 0 below.
#
# Two traps. If you compare a column `(n, 1)` with a vector `(n,)`, NumPy gives no error but an `(n, n)` table (it
# happened in notebook 01). And turning a number into an integer **cuts off** the decimals: 0.93 becomes 0.
#
# ### Task 3 · `predict_class(model, x)` — 1 point
#
# Return the classes that `model` gives to the samples `x` of shape `(n, 2)`: an array of **integers** (0 or 1) of
# shape **`(n,)`**, with threshold 0.5. With a single sample too: shape `(1,)`.


# %% task="predict_class" points=1
def predict_class(model, x):
    """The class, 0 or 1, of each sample: 1 where the predicted probability is above 0.5.

    x: array of shape (n, 2). Returns an integer array of shape (n,).
    """
    ### BEGIN SOLUTION
    probabilities = model.predict(np.asarray(x), verbose=0)
    return (probabilities[:, 0] > 0.5).astype(int)
    ### END SOLUTION


# %% check="predict_class"
def test_shape_and_type(predict_class, xor_model, X):
    """es: Un vector de enteros, también con una muestra. | en: A vector of integers, with one sample too."""
    import numpy as np

    got = np.asarray(predict_class(xor_model, X))
    assert got.shape == (4,), T(
        es=f"Con 4 muestras la forma es {got.shape} y debería ser (4,): predict devuelve una columna, no un vector.",
        en=f"With 4 samples the shape is {got.shape} and should be (4,): predict returns a column, not a vector.",
    )
    assert np.issubdtype(got.dtype, np.integer), T(
        es=f"Las clases son de tipo {got.dtype} y deberían ser enteros: mira astype.",
        en=f"The classes have type {got.dtype} and should be integers: look at astype.",
    )
    one = np.asarray(predict_class(xor_model, X[:1]))
    assert one.shape == (1,), T(
        es=f"Con una sola muestra la forma es {one.shape} y debería ser (1,): ¿usas squeeze?",
        en=f"With a single sample the shape is {one.shape} and should be (1,): do you use squeeze?",
    )


def test_agrees_with_predict(predict_class, xor_model, X):
    """es: Las clases siguen a las probabilidades. | en: The classes follow the probabilities."""
    import numpy as np

    p = np.asarray(xor_model.predict(X, verbose=0)).ravel()
    got = np.asarray(predict_class(xor_model, X)).ravel()
    assert np.array_equal(got, p > 0.5), T(
        es=f"Con probabilidades {np.round(p, 3)} tus clases son {got}: ¿el umbral es 0,5, y la clase 1 va por encima?",
        en=f"With probabilities {np.round(p, 3)} your classes are {got}: is the threshold 0.5, with class 1 above?",
    )


# %% [markdown] lang="es"
# ## 8. La rejilla de decisión
#
# Para ver qué ha aprendido la red le preguntamos por **todo** un cuadrado, no solo por las cuatro esquinas: una
# rejilla de $n\times n$ puntos de $[-0{,}5,\ 1{,}5]^2$. Colocamos las probabilidades en una tabla como se colocan en
# un plano: **las filas son $x_2$** (la vertical) y **las columnas son $x_1$** (la horizontal). El orden importa: con
# los ejes cambiados, el dibujo de XOR saldría casi igual, porque XOR es simétrico, y el error pasaría inadvertido
# hasta el siguiente problema.
#
# Llama a `predict` **una sola vez**, con todos los puntos en una tabla `(n·n, 2)`: una llamada por punto tarda miles
# de veces más. Te pueden ayudar `np.linspace`, `np.meshgrid`, `ravel` y `reshape`.
#
# ### Tarea 4 · `decision_grid(model, n=50)` — 1 punto
#
# Devuelve un array `(n, n)` de **probabilidades**: en la fila $i$, $x_2$ es el elemento $i$ de `n` valores
# equidistantes de −0,5 a 1,5 (los dos extremos incluidos); en la columna $j$, $x_1$ es el elemento $j$ de los mismos
# valores.

# %% [markdown] lang="en"
# ## 8. The decision grid
#
# To see what the network has learnt we ask it about a **whole** square, not just the four corners: a grid of
# $n\times n$ points of $[-0.5,\ 1.5]^2$. We arrange the probabilities in a table the way they lie in a plane: **rows
# are $x_2$** (the vertical) and **columns are $x_1$** (the horizontal). The order matters: with the axes swapped the
# drawing of XOR would come out almost the same, because XOR is symmetric, and the mistake would go unnoticed until
# the next problem.
#
# Call `predict` **once**, with all points in one table `(n·n, 2)`: one call per point takes thousands of times
# longer. `np.linspace`, `np.meshgrid`, `ravel` and `reshape` can help you.
#
# ### Task 4 · `decision_grid(model, n=50)` — 1 point
#
# Return an `(n, n)` array of **probabilities**: in row $i$, $x_2$ is element $i$ of `n` evenly spaced values from
# −0.5 to 1.5 (both ends included); in column $j$, $x_1$ is element $j$ of the same values.


# %% task="decision_grid" points=1
def decision_grid(model, n=50):
    """Probabilities of class 1 over the square [-0.5, 1.5] x [-0.5, 1.5], as an array of shape (n, n).

    Row i has x2 = linspace(-0.5, 1.5, n)[i]; column j has x1 = linspace(-0.5, 1.5, n)[j].
    """
    ### BEGIN SOLUTION
    axis = np.linspace(-0.5, 1.5, n)
    x1, x2 = np.meshgrid(axis, axis)
    points = np.column_stack([x1.ravel(), x2.ravel()])
    return model.predict(points, verbose=0).reshape(n, n)
    ### END SOLUTION


# %% check="decision_grid"
def test_square_table(decision_grid, xor_model):
    """es: Una tabla cuadrada de probabilidades. | en: A square table of probabilities."""
    import numpy as np

    grid = np.asarray(decision_grid(xor_model, n=5))
    assert grid.shape == (5, 5), T(
        es=f"Con n=5 la forma es {grid.shape} y debería ser (5, 5): mira reshape, y que uses n.",
        en=f"With n=5 the shape is {grid.shape} and should be (5, 5): look at reshape, and make sure you use n.",
    )
    assert np.all((grid >= 0) & (grid <= 1)), T(
        es="Hay valores fuera de [0, 1]: la rejilla contiene las probabilidades que da predict.",
        en="Some values lie outside [0, 1]: the grid holds the probabilities that predict gives.",
    )


def test_corners(decision_grid, xor_model):
    """es: Cada esquina está en su sitio. | en: Each corner is in its place."""
    import numpy as np

    grid = np.asarray(decision_grid(xor_model, n=3))
    for i, x2 in ((0, -0.5), (2, 1.5)):
        for j, x1 in ((0, -0.5), (2, 1.5)):
            p = float(np.asarray(xor_model.predict(np.array([[x1, x2]]), verbose=0)).ravel()[0])
            assert abs(grid[i, j] - p) < 1e-4, T(
                es=f"El punto x1={x1}, x2={x2} no está en la fila {i}, columna {j}: mira el intervalo y los ejes.",
                en=f"The point x1={x1}, x2={x2} is not in row {i}, column {j}: look at the interval and the axes.",
            )


# %% role="demo"
def draw_regions(ax, grid, title):
    """Probabilities as colours, the 0.5 border as a line, the four XOR points on top."""
    extent = (-0.5, 1.5, -0.5, 1.5)
    image = ax.imshow(grid, origin="lower", extent=extent, cmap=REGIONS, vmin=0, vmax=1, interpolation="bilinear")
    if grid.min() < 0.5 < grid.max():
        ax.contour(grid, levels=[0.5], extent=extent, colors="black", linewidths=1.5)
    draw_points(ax, X, y)
    ax.set(xticks=TICKS, yticks=TICKS, xlabel="$x_1$", ylabel="$x_2$", title=title)
    return image


figure, ax = plt.subplots(figsize=(5.6, 4.4), layout="constrained")
image = draw_regions(ax, decision_grid(xor_model), T(es="Regiones de decisión", en="Decision regions"))
figure.colorbar(image, label=T(es="probabilidad de la clase 1", en="probability of class 1"))
plt.show()

# %% [markdown] lang="es"
# **Figura 4.** *El cuadrado $[-0{,}5,\ 1{,}5]^2$ coloreado según la probabilidad de la clase 1: azul cerca de 0, naranja
# cerca de 1, blanco y una línea negra donde vale 0,5. Con la red recomendada, los dos puntos de una clase quedan unidos
# por una franja diagonal de su color, y los dos de la otra, cada uno en su esquina.*
#
# Es lo mismo que la franja de la figura 1, pero esta vez nadie ha puesto las rectas a mano. ¿Qué clase queda unida? Eso
# depende de los pesos iniciales: cambia la semilla y verás las dos respuestas. Con solo cuatro puntos, las dos son igual
# de correctas.

# %% [markdown] lang="en"
# **Figure 4.** *The square $[-0.5,\ 1.5]^2$ coloured by the probability of class 1: blue near 0, orange near 1, white
# and a black line where it is 0.5. With the recommended network the two points of one class are joined by a diagonal
# band of their colour, and the two of the other lie each in its own corner.*
#
# It is like the band of figure 1, but this time nobody set the lines by hand. Which class is joined? That depends on
# the initial weights: change the seed and you will see both answers. With just four points, both are equally right.

# %% [markdown] lang="es"
# ## 9. Una conexión de salto: XOR con siete parámetros
#
# La red 2–2–1 de la figura 1 tiene $2\cdot 2 + 2 = 6$ parámetros en la capa oculta y $2 + 1 = 3$ en la salida: 9. Se
# puede con menos si la neurona de salida ve **también las entradas**, además de lo que dice la capa oculta. A ese
# atajo se le llama **conexión de salto** (*skip connection*):
#
# ```
#   x1, x2 ──┬──► neurona tanh ──► h ──┐
#            │                         ├──► [h, x1, x2] ──► neurona sigmoide ──► p
#            └─────────────────────────┘
# ```
#
# Parámetros: la neurona oculta tiene 2 pesos y 1 sesgo, y la de salida, que recibe tres números, 3 pesos y 1 sesgo.
# En total, $(2+1) + (3+1) = 7$.
#
# ¿Por qué basta **una** neurona oculta? Mira $s = x_1 + x_2$: en los cuatro puntos vale 0, 1, 1 y 2, y queremos 0, 1,
# 1 y 0. Algo que solo suba o solo baje con $s$ no sirve; pero la suma de una rampa que baja (las entradas, por el
# atajo) y un escalón que sube (la $\tanh$) puede subir primero y bajar después.
#
# Un camino que se bifurca y se vuelve a unir no cabe en una lista de capas: hace falta la forma **funcional**. Para
# unir se usa la capa `keras.layers.Concatenate`; `tf.concat` no acepta los tensores simbólicos de Keras 3. Con
# números se ve qué hace:

# %% [markdown] lang="en"
# ## 9. A skip connection: XOR with seven parameters
#
# The 2–2–1 network of figure 1 has $2\cdot 2 + 2 = 6$ parameters in the hidden layer and $2 + 1 = 3$ in the output:
# 9. Fewer will do if the output neuron sees **the inputs as well**, besides what the hidden layer says. That shortcut
# is called a **skip connection**:
#
# ```
#   x1, x2 ──┬──► tanh neuron ──► h ──┐
#            │                        ├──► [h, x1, x2] ──► sigmoid neuron ──► p
#            └────────────────────────┘
# ```
#
# Parameters: the hidden neuron has 2 weights and 1 bias, and the output neuron, which receives three numbers, 3
# weights and 1 bias. In all, $(2+1) + (3+1) = 7$.
#
# Why is **one** hidden neuron enough? Look at $s = x_1 + x_2$: on the four points it is 0, 1, 1 and 2, and we want 0,
# 1, 1 and 0. Something that only rises or only falls with $s$ will not do; but the sum of a falling ramp (the inputs,
# by the shortcut) and a rising step (the $\tanh$) can rise first and fall after.
#
# A path that branches and joins again does not fit into a list of layers: it takes the **functional** form. The layer
# that joins is `keras.layers.Concatenate`; `tf.concat` does not take Keras 3's symbolic tensors. Numbers show what it
# does:

# %% role="demo"
two_columns = np.array([[1.0, 2.0], [3.0, 4.0]])
one_column = np.array([[10.0], [30.0]])
print(np.asarray(keras.layers.Concatenate()([two_columns, one_column])))

# %% [markdown] lang="es"
# ### Tarea 5 · `build_xor_skip_model()` — 2 puntos
#
# Construye, compila y devuelve con la interfaz funcional la red del esquema:
#
# - entrada de dos números por muestra;
# - **una** neurona oculta con activación $\tanh$;
# - su salida **concatenada con las entradas** (en el orden que quieras);
# - una neurona de salida sigmoide: **7 parámetros** en total;
# - compilada como la primera: entropía cruzada binaria y exactitud.
#
# Esta red es tan pequeña que agradece pasos más largos: prueba Adam con tasa de aprendizaje 0,1.

# %% [markdown] lang="en"
# ### Task 5 · `build_xor_skip_model()` — 2 points
#
# Build, compile and return the network of the diagram with the functional interface:
#
# - an input of two numbers per sample;
# - **one** hidden neuron with a $\tanh$ activation;
# - its output **concatenated with the inputs** (in either order);
# - one sigmoid output neuron: **7 parameters** in all;
# - compiled like the first one: binary cross-entropy and accuracy.
#
# This network is so small that longer steps do it good: try Adam with a learning rate of 0.1.


# %% task="build_xor_skip_model" points=2
def build_xor_skip_model():
    """A compiled functional network for XOR: one tanh unit, concatenated with the inputs, then one sigmoid unit.

    Returns a keras.Model with 7 parameters, compiled with binary cross-entropy and accuracy.
    """
    ### BEGIN SOLUTION
    inputs = keras.Input((2,))
    bend = keras.layers.Dense(1, activation="tanh")(inputs)
    joined = keras.layers.Concatenate()([bend, inputs])
    outputs = keras.layers.Dense(1, activation="sigmoid")(joined)
    model = keras.Model(inputs, outputs)
    adam = keras.optimizers.Adam(learning_rate=0.1)
    model.compile(optimizer=adam, loss="binary_crossentropy", metrics=["accuracy"])
    return model
    ### END SOLUTION


# %% check="build_xor_skip_model"
def test_seven_parameters(build_xor_skip_model):
    """es: La red tiene 7 parámetros. | en: The network has 7 parameters."""
    count = build_xor_skip_model().count_params()
    assert count != 5, T(
        es="Hay 5 parámetros: la salida solo ve la neurona oculta. Falta unir las entradas con Concatenate.",
        en="There are 5 parameters: the output only sees the hidden neuron. Join the inputs with Concatenate.",
    )
    assert count == 7, T(
        es=f"Hay {count} parámetros y deberían ser 7, (2 + 1) + (3 + 1): ¿cuántas neuronas tiene cada Dense?",
        en=f"There are {count} parameters and there should be 7, (2 + 1) + (3 + 1): how many units has each Dense?",
    )


def test_one_tanh_neuron(build_xor_skip_model):
    """es: Una neurona oculta tanh y una salida sigmoide. | en: One hidden tanh neuron and one sigmoid output."""
    import numpy as np

    model = build_xor_skip_model()
    assert (tuple(model.input_shape), tuple(model.output_shape)) == ((None, 2), (None, 1)), T(
        es=f"Las formas son {model.input_shape} y {model.output_shape}; deberían ser (None, 2) y (None, 1).",
        en=f"The shapes are {model.input_shape} and {model.output_shape}; they should be (None, 2) and (None, 1).",
    )
    assert "tanh" in str(model.get_config()).lower(), T(
        es="No encuentro la activación tanh: mira activation= en la capa oculta.",
        en="There is no tanh activation: look at activation= in the hidden layer.",
    )
    p = np.asarray(model.predict(np.array([[0, 0], [2, -1]], dtype="float32"), verbose=0)).ravel()
    assert np.all((p > 0) & (p < 1)), T(
        es="La salida no es una probabilidad: ¿la última capa es sigmoide?",
        en="The output is not a probability: is the last layer a sigmoid?",
    )


def test_compiled_like_the_first(build_xor_skip_model):
    """es: Está compilada como la primera red. | en: It is compiled like the first network."""
    model = build_xor_skip_model()
    assert model.compiled, T(
        es="El modelo no está compilado: llama a model.compile(...) antes de devolverlo.",
        en="The model is not compiled: call model.compile(...) before you return it.",
    )
    settings = model.get_compile_config()
    loss = str(settings.get("loss")).lower().replace("_", "")
    assert "binarycrossentropy" in loss or "bce" in loss, T(
        es="La pérdida debería ser la entropía cruzada binaria, como en la primera red.",
        en="The loss should be binary cross-entropy, as in the first network.",
    )
    assert "acc" in str(settings.get("metrics")).lower(), T(
        es="No veo la exactitud entre las métricas: añade metrics=[...] a compile.",
        en="Accuracy is not among the metrics: add metrics=[...] to compile.",
    )


# %% role="demo"
keras.utils.set_random_seed(1)
skip_model = build_xor_skip_model()
train_xor(skip_model, X, y, seed=1)
print(T(es="clases de la red de salto:", en="classes of the skip network:"), predict_class(skip_model, X))

figure, axes = plt.subplots(1, 2, figsize=(10, 4.4), layout="constrained")
for ax, model, name in (
    (axes[0], xor_model, T(es="Capa oculta", en="Hidden layer")),
    (axes[1], skip_model, T(es="Conexión de salto", en="Skip connection")),
):
    title = f"{name}: {model.count_params()} " + T(es="parámetros", en="parameters")
    image = draw_regions(ax, decision_grid(model), title)
figure.colorbar(image, ax=axes, label=T(es="probabilidad de la clase 1", en="probability of class 1"))
plt.show()

# %% [markdown] lang="es"
# **Figura 5.** *Las regiones de decisión de las dos redes, una al lado de la otra y con los mismos colores que en la
# figura 4. En las dos, los cuatro puntos quedan en la región de su clase; la forma de la frontera es distinta: curva
# y flexible con la capa oculta completa, más rígida con la conexión de salto.*
#
# Siete números bastan para lo que una neurona no puede hacer. ¿Por qué recomendamos entonces más neuronas? Porque
# **poder representar** una solución no es lo mismo que **encontrarla**: cuanto más justa es la red, más depende de
# dónde empieza. Las conexiones de salto son hoy imprescindibles por otra razón: en redes de cientos de capas (ResNet,
# los *transformers*) ofrecen al gradiente un camino corto hacia las primeras.

# %% [markdown] lang="en"
# **Figure 5.** *The decision regions of both networks, side by side and in the colours of figure 4. In both, the four
# points lie in the region of their class; the shape of the border differs: curved and flexible with the full hidden
# layer, stiffer with the skip connection.*
#
# Seven numbers are enough for what one neuron cannot do. Why then do we recommend more neurons? Because **being able
# to represent** a solution is not the same as **finding** it: the tighter the network, the more it depends on where
# it starts. Skip connections are indispensable today for another reason: in networks of hundreds of layers (ResNet,
# transformers) they give the gradient a short way back to the first ones.

# %% [markdown] lang="es"
# ## Resumen
#
# Ahora sabes:
#
# - que una neurona traza una recta, que XOR no es linealmente separable, y que la capa oculta cambia las coordenadas
#   hasta que lo es;
# - hacer a mano el paso hacia delante: $\sigma(3) = 0{,}9526$ y $\sigma(0{,}9526) = 0{,}7216$;
# - que dos capas lineales equivalen a una: lo que cuenta es la no linealidad entre ellas;
# - describir una red con `Sequential` (una lista) y con la forma funcional (que permite bifurcar y unir), con
#   `keras.Input` delante;
# - que una clasificación binaria pide **una** salida sigmoide, entropía cruzada binaria y, para las personas,
#   exactitud;
# - entrenar con `fit`, fijar la semilla justo antes, leer el `History`, y parar y guardar según la pérdida de
#   **validación**;
# - pasar de probabilidades `(n, 1)` a clases enteras `(n,)`, y dibujar una rejilla con $x_2$ en las filas y $x_1$ en
#   las columnas;
# - unir caminos con `Concatenate` y contar: $(2+1) + (3+1) = 7$ parámetros.
#
# **Para ir más lejos:** *Perceptrons*, de Minsky y Papert (1969), la demostración que enfrió el campo durante años;
# «Learning representations by back-propagating errors», de Rumelhart, Hinton y Williams (1986); el teorema de
# aproximación universal (Cybenko, 1989); «Deep Residual Learning for Image Recognition», de He y otros (2015); las
# guías *The Sequential model* y *The Functional API* de la documentación de Keras; y TensorFlow Playground, para ver
# moverse las fronteras en directo.

# %% [markdown] lang="en"
# ## Recap
#
# You now know:
#
# - that one neuron draws one line, that XOR is not linearly separable, and that the hidden layer changes the
#   coordinates until it is;
# - how to do the forward pass by hand: $\sigma(3) = 0.9526$ and $\sigma(0.9526) = 0.7216$;
# - that two linear layers equal one: what counts is the non-linearity between them;
# - how to describe a network with `Sequential` (a list) and in functional form (which can branch and join), with
#   `keras.Input` in front;
# - that a binary classification asks for **one** sigmoid output, binary cross-entropy and, for people, accuracy;
# - how to train with `fit`, set the seed right before it, read the `History`, and stop and save by the **validation**
#   loss;
# - how to go from probabilities `(n, 1)` to integer classes `(n,)`, and draw a grid with $x_2$ along the rows and
#   $x_1$ along the columns;
# - how to join paths with `Concatenate`, and to count: $(2+1) + (3+1) = 7$ parameters.
#
# **To go further:** *Perceptrons* by Minsky and Papert (1969), the proof that cooled the field for years; "Learning
# representations by back-propagating errors" by Rumelhart, Hinton and Williams (1986); the universal approximation
# theorem (Cybenko, 1989); "Deep Residual Learning for Image Recognition" by He et al. (2015); the guides *The
# Sequential model* and *The Functional API* in the Keras documentation; and TensorFlow Playground, to watch the
# borders move live.
