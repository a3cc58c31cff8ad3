# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown] lang="es"
# # Ajuste de hiperparámetros: buscar sin engañarse
#
# **Objetivos.** Al terminar sabrás:
#
# - distinguir un parámetro de un hiperparámetro;
# - repartir los datos en entrenamiento, validación y prueba, y explicar por qué **nunca** se ajusta con la prueba;
# - calcular cuánto cuesta una búsqueda en rejilla y por qué el azar suele salir mejor;
# - describir un espacio de búsqueda con KerasTuner: `Int`, `Float`, `Choice`;
# - lanzar una búsqueda reproducible, que mira la exactitud de validación y no hereda los ensayos de otra;
# - leer sus resultados: los ensayos en fila y en coordenadas paralelas;
# - decir en qué se diferencian la rejilla, el azar, la búsqueda bayesiana y Hyperband;
# - buscar con Optuna y su muestreador TPE, y apuntar los ensayos para TensorBoard HParams.
#
# **Requisitos previos:** los cuadernos 04 (Keras), 05 (validación y sobreajuste) y 06 (dropout).
#
# **Tiempo:** unos 90 minutos. El cuaderno resuelto se ejecuta entero en menos de un minuto. En Colab hay que instalar
# antes dos bibliotecas: `!pip install keras-tuner optuna`.

# %% [markdown] lang="en"
# # Hyperparameter tuning: searching without fooling yourself
#
# **Aims.** By the end you will be able to:
#
# - tell a parameter from a hyperparameter;
# - split data into training, validation and test sets, and explain why one **never** tunes on the test set;
# - work out what a grid search costs, and why chance usually does better;
# - describe a search space with KerasTuner: `Int`, `Float`, `Choice`;
# - run a search that can be repeated, looks at the validation accuracy and does not inherit the trials of another;
# - read its results: the trials in a row and in parallel coordinates;
# - say how grid, random, Bayesian search and Hyperband differ;
# - search with Optuna and its TPE sampler, and log the trials for TensorBoard HParams.
#
# **Prerequisites:** notebooks 04 (Keras), 05 (validation and overfitting) and 06 (dropout).
#
# **Time:** about 90 minutes. The solved notebook runs from top to bottom in under a minute. On Colab two libraries have
# to be installed first: `!pip install keras-tuner optuna`.

# %% role="setup"
import keras
import keras_tuner
import matplotlib.pyplot as plt
import numpy as np
import optuna
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

optuna.logging.set_verbosity(optuna.logging.WARNING)
BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#555555"

digits = load_digits()
images, labels = (digits.data / 16).astype("float32"), digits.target
X_train, X_rest, y_train, y_rest = train_test_split(images, labels, test_size=0.4, stratify=labels, random_state=8)
X_val, X_test, y_val, y_test = train_test_split(X_rest, y_rest, test_size=0.5, stratify=y_rest, random_state=8)


def small_network(learning_rate, alpha=1e-4):
    """A network of 32 hidden units from scikit-learn, not trained yet; `alpha` is the strength of its L2 penalty."""
    return MLPClassifier((32,), learning_rate_init=learning_rate, alpha=alpha, batch_size=64, random_state=1)


def quick_accuracy(learning_rate, alpha):
    """Validation accuracy on the digits after 5 epochs of the small network: takes a tenth of a second at most."""
    network = small_network(learning_rate, alpha)
    for _ in range(5):
        network.partial_fit(X_train, y_train, classes=range(10))
    return network.score(X_val, y_val)


# %% [markdown] lang="es"
# ## 1. Lo que aprende la red y lo que decides tú
#
# Los **parámetros** de una red son sus pesos y sesgos: los encuentra el descenso del gradiente. Los
# **hiperparámetros** son lo que se fija **antes** de entrenar y el gradiente no toca: cuántas neuronas, qué tasa de
# aprendizaje, cuánto dropout, qué optimizador, cuántas épocas. No hay fórmula que los dé; hay que probar, y a cada
# prueba se le llama **ensayo** (*trial*): elegir unos valores, entrenar una red nueva desde cero y apuntar qué tal le
# va.
#
# ¿Con qué datos se mide «qué tal le va»? Los datos se parten en tres:
#
# | conjunto | para qué sirve | quién lo mira |
# |---|---|---|
# | **entrenamiento** | ajustar los pesos | el gradiente, en cada paso |
# | **validación** | comparar ensayos y elegir los hiperparámetros | tú (o el buscador), en cada ensayo |
# | **prueba** (*test*) | decir cuánto acertará la red con datos nuevos | nadie, hasta el final y **una sola vez** |
#
# Keras no trae ninguna función para repartir; se usa `train_test_split` de scikit-learn, dos veces: la primera aparta
# el 40 % y la segunda parte ese resto por la mitad. `stratify` mantiene en cada trozo la misma proporción de clases y
# `random_state` hace que el reparto se pueda repetir. Los datos de este cuaderno son 1797 imágenes de cifras de
# 8×8 píxeles (scikit-learn), puestas en fila: 64 números entre 0 y 1.

# %% [markdown] lang="en"
# ## 1. What the network learns and what you decide
#
# The **parameters** of a network are its weights and biases: gradient descent finds them. The **hyperparameters** are
# what is set **before** training and never touched by the gradient: how many units, which learning rate, how much
# dropout, which optimizer, how many epochs. No formula yields them; one has to try, and each try is called a **trial**:
# choose some values, train a new network from scratch, and note how well it does.
#
# On which data do we measure "how well it does"? The data are cut in three:
#
# | set | what it is for | who looks at it |
# |---|---|---|
# | **training** | fitting the weights | the gradient, at every step |
# | **validation** | comparing trials and choosing the hyperparameters | you (or the tuner), at every trial |
# | **test** | saying how often the network will be right on new data | nobody, until the end, and **only once** |
#
# Keras has no function that splits; we use scikit-learn's `train_test_split` twice: the first time it sets 40% aside,
# the second time it halves that rest. `stratify` keeps the same share of each class in every part, and `random_state`
# makes the split repeatable. The data of this notebook are 1797 pictures of digits of 8×8 pixels (scikit-learn), laid
# out in a row: 64 numbers between 0 and 1.

# %% role="demo"
for part, name in (
    (y_train, T(es="entrenamiento", en="training")),
    (y_val, T(es="validación", en="validation")),
    (y_test, T(es="prueba", en="test")),
):
    share = T(es="imágenes por clase", en="pictures per class")
    print(f"{name:<14}{len(part):>5}   {share}: {np.bincount(part)}")

# %% [markdown] lang="es"
# ### Por qué no se ajusta con la prueba
#
# Porque **elegir también es aprender**. Imagina 200 «redes» que responden al azar a preguntas de sí o no: todas aciertan
# la mitad de las veces, ni más ni menos. Examínalas con 100 preguntas y quédate con la que mejor nota saque. Esa nota
# estará bastante por encima de 0,5, y no porque la red valga, sino porque la has elegido **por** esa nota. Con preguntas
# nuevas volverá a 0,5.

# %% [markdown] lang="en"
# ### Why one does not tune on the test set
#
# Because **choosing is learning too**. Imagine 200 "networks" that answer yes-or-no questions at random: all of them are
# right half of the time, no more and no less. Examine them with 100 questions and keep the one with the best mark. That
# mark will be well above 0.5, not because the network is any good, but because you chose it **by** that mark. On new
# questions it falls back to 0.5.

# %% role="demo"
rng = np.random.default_rng(8)
exams = rng.binomial(100, 0.5, size=(500, 200)) / 100
fresh = rng.binomial(100, 0.5, size=(500, 200)) / 100
trials = np.arange(1, 201)
winner = np.array([exams[:, :k].argmax(axis=1) for k in trials])
seen = np.maximum.accumulate(exams, axis=1).mean(axis=0)
unseen = np.array([fresh[np.arange(500), chosen].mean() for chosen in winner])

figure, ax = plt.subplots(figsize=(7, 3.8), layout="constrained")
ax.plot(
    trials,
    seen,
    color=ORANGE,
    label=T(es="nota con la que se eligió", en="the mark it was chosen by"),
)
ax.plot(
    trials,
    unseen,
    color=BLUE,
    linestyle="--",
    label=T(es="nota con preguntas nuevas", en="its mark on new questions"),
)
ax.set(
    xlabel=T(es="ensayos entre los que se elige", en="trials to choose from"),
    ylabel=T(es="exactitud de la elegida", en="accuracy of the chosen one"),
    ylim=(0.45, 0.68),
    title=T(es="La mejor de muchas redes que no saben nada", en="The best of many networks that know nothing"),
)
ax.grid(alpha=0.3)
ax.legend(frameon=False, loc="upper left")
plt.show()

# %% [markdown] lang="es"
# **Figura 1.** *Exactitud media de la red elegida según el número de ensayos (500 repeticiones). La línea continua
# naranja, la nota con la que se eligió, sube de 0,5 a más de 0,6 cuantos más ensayos hay; la discontinua azul, la nota
# con preguntas nuevas, se queda en 0,5.*
#
# La distancia entre las dos líneas es puro autoengaño, y crece con el número de ensayos. Le pasa al conjunto de
# validación, que para eso está: su nota es algo optimista. Si ajustas con la prueba le pasará a la prueba, y ya no te
# quedará ningún dato con el que saber cuánto acierta tu red de verdad.

# %% [markdown] lang="en"
# **Figure 1.** *Mean accuracy of the chosen network against the number of trials (500 repetitions). The solid orange
# line, the mark it was chosen by, climbs from 0.5 to above 0.6 as trials are added; the dashed blue line, its mark on new
# questions, stays at 0.5.*
#
# The distance between the two lines is pure self-deception, and it grows with the number of trials. It happens to the
# validation set, which is there for that: its mark is somewhat optimistic. If you tune on the test set, it happens to the
# test set, and no data are left to tell you how good your network really is.

# %% [markdown] lang="es"
# ## 2. La rejilla y su precio
#
# La búsqueda más antigua es la **rejilla** (*grid search*): una lista de valores por hiperparámetro y un ensayo por cada
# **combinación**. Con la cuadrícula de la clase, tres tamaños de capa y dos tasas de aprendizaje,
#
# | | lr = 0,1 | lr = 0,01 |
# |---|:-:|:-:|
# | 32 neuronas | ensayo 1 | ensayo 2 |
# | 64 neuronas | ensayo 3 | ensayo 4 |
# | 128 neuronas | ensayo 5 | ensayo 6 |
#
# Los tamaños se **multiplican**; no se suman: cada hiperparámetro nuevo multiplica el coste por su número de valores. El
# espacio que usaremos más abajo tiene 16 tamaños de capa, 6 tasas de dropout y 3 tasas de aprendizaje: a tres segundos
# por ensayo, casi un cuarto de hora, y es un espacio muy pequeño.
#
# ### Tarea 1 · `grid_size(space)` — 1 punto
#
# `space` es un diccionario con una lista de valores por hiperparámetro. Devuelve, como **entero**, cuántas
# combinaciones tiene su rejilla. Un espacio vacío, `{}`, tiene **1**: sin nada que elegir, hay una sola manera de hacerlo.

# %% [markdown] lang="en"
# ## 2. The grid and its price
#
# The oldest search is the **grid**: a list of values per hyperparameter, and one trial per **combination**. With the
# lecture's table, three layer sizes and two learning rates,
#
# | | lr = 0.1 | lr = 0.01 |
# |---|:-:|:-:|
# | 32 units | trial 1 | trial 2 |
# | 64 units | trial 3 | trial 4 |
# | 128 units | trial 5 | trial 6 |
#
# The sizes are **multiplied**, not added: each new hyperparameter multiplies the cost by its number of values. The space
# that we shall use below has 16 layer sizes, 6 dropout rates and 3 learning rates: at three seconds a trial that is
# nearly a quarter of an hour, and it is a very small space.
#
# ### Task 1 · `grid_size(space)` — 1 point
#
# `space` is a dictionary with a list of values per hyperparameter. Return, as an **integer**, how many combinations its
# grid has. An empty space, `{}`, has **1**: with nothing to choose there is just one way of doing it.


# %% task="grid_size" points=1
def grid_size(space):
    """How many combinations a grid search over `space` has to try.

    space: dict of lists, such as {"units": [32, 64, 128], "lr": [0.1, 0.01]}. Returns an int; an empty space has 1.
    """
    ### BEGIN SOLUTION
    size = 1
    for values in space.values():
        size *= len(values)
    return size
    ### END SOLUTION


# %% check="grid_size"
def test_lecture_table(grid_size):
    """es: La tabla de la clase tiene 6 combinaciones. | en: The lecture's table has 6 combinations."""
    got = grid_size({"units": [32, 64, 128], "lr": [0.1, 0.01]})
    assert got != 5, T(
        es="Salen 5, que es 3 + 2: las combinaciones se multiplican, no se suman.",
        en="You get 5, which is 3 + 2: combinations are multiplied, not added.",
    )
    assert got == 6, T(
        es=f"Con tres tamaños y dos tasas hay 6 ensayos, y ha salido {got}.",
        en=f"Three sizes and two rates make 6 trials, and you got {got}.",
    )


def test_nothing_to_choose(grid_size):
    """es: El espacio vacío tiene una combinación, como entero. | en: The empty space has one combination, an integer."""
    import numbers

    got = grid_size({})
    assert got == 1, T(
        es=f"Para un espacio vacío se espera 1 y ha salido {got}: ¿con qué número empieza tu producto?",
        en=f"An empty space should give 1 and gave {got}: which number does your product start from?",
    )
    assert isinstance(got, numbers.Integral), T(
        es=f"El resultado es de tipo {type(got).__name__} y debería ser un entero.",
        en=f"The result has type {type(got).__name__} and should be an integer.",
    )


# %% [markdown] lang="es"
# ## 3. Rejilla contra azar
#
# La alternativa más sencilla es **sortear** los valores de cada ensayo. Parece menos seria que la rejilla y casi siempre
# es mejor, por una razón que se ve en un dibujo: no todos los hiperparámetros importan igual. En una rejilla de 3×3,
# nueve ensayos prueban solo **tres** valores de cada uno; si uno de los dos apenas importa, dos de cada tres ensayos se
# malgastan en repetir. Nueve sorteos prueban **nueve** valores distintos de cada uno.
#
# Lo comprobamos con una red pequeña de scikit-learn que tarda una décima de segundo en entrenar. Sus dos
# hiperparámetros, la tasa de aprendizaje y la fuerza de la penalización L2, se reparten en escala **logarítmica**: lo que
# importa de una tasa de aprendizaje es su orden de magnitud.

# %% [markdown] lang="en"
# ## 3. Grid against random
#
# The simplest alternative is to **draw** the values of each trial. It looks less serious than the grid and is nearly
# always better, for a reason that a drawing shows: not all hyperparameters matter equally. In a 3×3 grid, nine trials
# try only **three** values of each; if one of the two hardly matters, two out of three trials are wasted on repeating.
# Nine draws try **nine** different values of each.
#
# We put it to the test with a small scikit-learn network that trains in a tenth of a second. Its two hyperparameters, the
# learning rate and the strength of the L2 penalty, are spread on a **logarithmic** scale: what matters about a learning
# rate is its order of magnitude.

# %% role="demo"
axis = np.linspace(-5, 0, 3)
grid_points = 10.0 ** np.array([(rate, penalty - 1) for rate in axis for penalty in axis])
random_points = 10.0 ** np.random.default_rng(150).uniform((-5, -6), (0, -1), (9, 2))
curve_rates = np.logspace(-5, 0, 17)
curve = [quick_accuracy(rate, 1e-4) for rate in curve_rates]

figure, axes = plt.subplots(2, 2, figsize=(9.5, 5.6), sharex=True, sharey="row", layout="constrained")
for (top, bottom), points, colour, name in (
    (axes[:, 0], grid_points, ORANGE, T(es="Rejilla de 3×3", en="3×3 grid")),
    (axes[:, 1], random_points, BLUE, T(es="Nueve al azar", en="Nine at random")),
):
    scores = np.array([quick_accuracy(*point) for point in points])
    top.plot(curve_rates, curve, color=GREY, linewidth=1)
    top.plot(points[:, 0], scores, "o", color=colour, markersize=8, alpha=0.75)
    best_one = T(es="mejor", en="best") + f": {scores.max():.3f}"
    top.set(ylim=(0, 1.05), title=f"{name} ({best_one})")
    bottom.plot(points[:, 0], points[:, 1], "o", color=colour, markersize=8)
    for rate in points[:, 0]:
        bottom.axvline(rate, color=colour, linewidth=0.8, alpha=0.5)
    bottom.set(xscale="log", yscale="log", xlabel=T(es="tasa de aprendizaje", en="learning rate"))
    for ax in (top, bottom):
        ax.grid(alpha=0.2)
axes[0, 0].set_ylabel(T(es="exactitud de validación", en="validation accuracy"))
axes[1, 0].set_ylabel(T(es="penalización L2", en="L2 penalty"))
plt.show()

# %% [markdown] lang="es"
# **Figura 2.** *Abajo, los nueve ensayos de la rejilla (izquierda, tres columnas de tres) y los nueve sorteados
# (derecha), con una línea vertical en cada tasa de aprendizaje probada: tres a la izquierda, nueve a la derecha. Arriba,
# la exactitud de cada ensayo sobre la curva gris de exactitud según la tasa de aprendizaje: una montaña entre 0,003 y
# 0,2. Los tres puntos de cada columna de la rejilla caen casi uno encima de otro.*
#
# La penalización casi no cambia nada, así que la rejilla ha hecho tres veces los mismos tres ensayos. La parte buena
# ocupa un tercio del ancho: la probabilidad de que al menos uno de nueve sorteos caiga en ella es
# $1 - (2/3)^9 = 97\,\%$. Por lo mismo, 60 sorteos dan con el 5 % mejor de **cualquier** espacio con probabilidad
# $1 - 0{,}95^{60} = 95\,\%$, tenga los hiperparámetros que tenga. Lo que la figura no dice: con otra semilla el sorteo
# puede salir peor que la rejilla. El azar gana de media, no siempre.

# %% [markdown] lang="en"
# **Figure 2.** *Below, the nine trials of the grid (left, three columns of three) and the nine drawn at random (right),
# with a vertical line at each learning rate tried: three on the left, nine on the right. Above, the accuracy of each
# trial over the grey curve of accuracy against learning rate: a mountain between 0.003 and 0.2. The three points of each
# column of the grid lie almost on top of one another.*
#
# The penalty changes next to nothing, so the grid made the same three trials three times. The good part takes up a third
# of the width: the probability that at least one of nine draws falls into it is $1 - (2/3)^9 = 97\%$. In the same way, 60
# draws find the best 5% of **any** space with probability $1 - 0.95^{60} = 95\%$, however many hyperparameters it has.
# What the figure does not say: with another seed the draw may do worse than the grid. Chance wins on average, not always.

# %% [markdown] lang="es"
# ## 4. Describir un espacio con KerasTuner
#
# En KerasTuner el espacio de búsqueda no se escribe aparte: se escribe **dentro** de la función que construye el modelo.
# Esa función recibe un objeto `hp` y, donde pondría un número, pide uno:
#
# | llamada | valores posibles |
# |---|---|
# | `hp.Int(name, low, high, step=…)` | enteros de `low` a `high`, **ambos incluidos**, de `step` en `step` |
# | `hp.Float(name, low, high, step=…)` | lo mismo con decimales; sin `step`, cualquier número del intervalo |
# | `hp.Choice(name, list)` | uno de la lista, sin nada en medio |
# | `hp.Boolean(name)`, `hp.Fixed(name, value)` | sí o no; un valor fijo |
#
# Cada llamada hace dos cosas: **apunta** el hiperparámetro en el espacio y **devuelve** el valor que toca en este ensayo
# (la primera vez, uno por defecto). `Int` y `Float` admiten `sampling="log"` para sortear órdenes de magnitud. Vale para
# cualquier cosa que se pueda configurar; aquí, una receta:

# %% [markdown] lang="en"
# ## 4. Describing a space with KerasTuner
#
# In KerasTuner the search space is not written down separately: it is written **inside** the function that builds the
# model. That function receives an object `hp` and, where a number would stand, asks for one:
#
# | call | possible values |
# |---|---|
# | `hp.Int(name, low, high, step=…)` | integers from `low` to `high`, **both included**, in steps of `step` |
# | `hp.Float(name, low, high, step=…)` | the same with decimals; without `step`, any number of the interval |
# | `hp.Choice(name, list)` | one of the list, and nothing in between |
# | `hp.Boolean(name)`, `hp.Fixed(name, value)` | yes or no; a fixed value |
#
# Each call does two things: it **records** the hyperparameter in the space and **returns** the value for this trial (the
# first time, a default). `Int` and `Float` take `sampling="log"` to draw orders of magnitude. It works for anything that
# can be configured; here, a recipe:


# %% role="demo"
def bake(hp):
    flour = hp.Choice("flour", ["wheat", "rye"])
    minutes = hp.Int("minutes", 20, 60, step=10)
    return f"{flour}, {minutes} min, {hp.Float('salt', 0.5, 2.0, step=0.5)} %"


recipe = keras_tuner.HyperParameters()
print(T(es="primera vez:", en="first time: "), bake(recipe))
for entry in recipe.space:
    print("  ", entry)
recipe.values["minutes"] = 50
print(T(es="otro ensayo:", en="next trial: "), bake(recipe))

# %% [markdown] lang="es"
# ### Tarea 2 · `build_model(hp)` — 3 puntos
#
# Construye, compila y devuelve una red para las cifras, con tres hiperparámetros que se llaman **exactamente** así:
#
# - `"units"`: entero de **32 a 512, de 32 en 32**: el número de neuronas de la capa oculta;
# - `"dropout"`: decimal de **0 a 0,5, de 0,1 en 0,1**: la tasa de la capa `Dropout`;
# - `"learning_rate"`: **uno de** 0,01, 0,001 y 0,0001: la tasa de aprendizaje de **Adam**.
#
# La red tiene 64 entradas, **una** capa oculta con activación no lineal (la que quieras), `Dropout` **después de ella** y
# una salida `softmax` de 10 neuronas. Las etiquetas son enteros de 0 a 9, así que la pérdida es la entropía cruzada
# categórica **dispersa**, `"sparse_categorical_crossentropy"`. La métrica tiene que **llamarse** `accuracy`: el buscador
# la pedirá por ese nombre.

# %% [markdown] lang="en"
# ### Task 2 · `build_model(hp)` — 3 points
#
# Build, compile and return a network for the digits, with three hyperparameters that have **exactly** these names:
#
# - `"units"`: an integer from **32 to 512 in steps of 32**: the number of units in the hidden layer;
# - `"dropout"`: a decimal from **0 to 0.5 in steps of 0.1**: the rate of the `Dropout` layer;
# - `"learning_rate"`: **one of** 0.01, 0.001 and 0.0001: the learning rate of **Adam**.
#
# The network has 64 inputs, **one** hidden layer with a non-linear activation (whichever you like), `Dropout` **after
# it**, and a `softmax` output of 10 units. The labels are integers from 0 to 9, so the loss is **sparse** categorical
# cross-entropy, `"sparse_categorical_crossentropy"`. The metric has to be **called** `accuracy`: the tuner will ask for
# it by that name.


# %% task="build_model" points=3
def build_model(hp):
    """A compiled network for the digits whose size, dropout and learning rate come from `hp`.

    hp: keras_tuner.HyperParameters. Registers units (32 to 512 in steps of 32), dropout (0 to 0.5 in steps of 0.1) and
    learning_rate (0.01, 0.001 or 0.0001). Returns a keras.Model: 64 inputs, one hidden layer, dropout, 10-way softmax.
    """
    ### BEGIN SOLUTION
    model = keras.Sequential(
        [
            keras.Input((64,)),
            keras.layers.Dense(hp.Int("units", 32, 512, step=32), activation="relu"),
            keras.layers.Dropout(hp.Float("dropout", 0.0, 0.5, step=0.1)),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    adam = keras.optimizers.Adam(learning_rate=hp.Choice("learning_rate", [1e-2, 1e-3, 1e-4]))
    model.compile(optimizer=adam, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
    ### END SOLUTION


# %% check="build_model"
def test_three_hyperparameters(build_model):
    """es: El espacio tiene los tres hiperparámetros pedidos. | en: The space has the three hyperparameters asked for."""
    import keras_tuner

    hp = keras_tuner.HyperParameters()
    build_model(hp)
    for name in ("units", "dropout", "learning_rate"):
        assert name in hp.values, T(
            es=f"No has pedido «{name}» a hp; has pedido: {', '.join(hp.values) or 'nada'}.",
            en=f"You have not asked hp for '{name}'; you asked for: {', '.join(hp.values) or 'nothing'}.",
        )
    for entry in hp.space:
        if entry.name in ("units", "dropout") and hasattr(entry, "step"):
            assert entry.step, T(
                es=f"A «{entry.name}» le falta el paso: mira step=.",
                en=f"'{entry.name}' has no step: look at step=.",
            )


def test_layers(build_model):
    """es: Capa oculta no lineal, Dropout y softmax de 10. | en: A non-linear hidden layer, Dropout and a 10-way softmax."""
    import keras_tuner
    import numpy as np

    model = build_model(keras_tuner.HyperParameters())
    assert (tuple(model.input_shape), tuple(model.output_shape)) == ((None, 64), (None, 10)), T(
        es=f"Las formas son {model.input_shape} y {model.output_shape}; deberían ser (None, 64) y (None, 10).",
        en=f"The shapes are {model.input_shape} and {model.output_shape}; they should be (None, 64) and (None, 10).",
    )
    assert any("Dropout" in type(layer).__name__ for layer in model.layers), T(
        es="No hay ninguna capa Dropout.",
        en="There is no Dropout layer.",
    )
    p = np.asarray(model(np.eye(64, dtype="float32")[:8]))
    assert np.allclose(np.abs(p).sum(axis=1), 1, atol=1e-4), T(
        es="Cada fila de la salida debería sumar 1: ¿la última capa lleva softmax?",
        en="Each row of the output should sum to 1: does the last layer have a softmax?",
    )


def test_values_reach_the_network(build_model):
    """es: Los valores de hp llegan a la red y a Adam. | en: The values from hp reach the network and Adam."""
    import keras_tuner
    import numpy as np

    hp = keras_tuner.HyperParameters()
    build_model(hp)
    hp.values.update({"units": 96, "dropout": 0.3, "learning_rate": 1e-4})
    model = build_model(hp)
    widths = [layer.units for layer in model.layers if hasattr(layer, "units")]
    assert widths == [96, 10], T(
        es=f"Con units=96 las capas Dense deberían tener 96 y 10 neuronas, y tienen {widths}.",
        en=f"With units=96 the Dense layers should have 96 and 10 units, and they have {widths}.",
    )
    rates = [layer.rate for layer in model.layers if hasattr(layer, "rate")]
    assert np.allclose(rates, [0.3]), T(
        es=f"Con dropout=0.3 las tasas de la red son {rates}.",
        en=f"With dropout=0.3 the rates in the network are {rates}.",
    )
    assert model.compiled, T(
        es="El modelo no está compilado: llama a model.compile(...) antes de devolverlo.",
        en="The model is not compiled: call model.compile(...) before you return it.",
    )
    rate = float(np.asarray(model.optimizer.learning_rate))
    assert abs(rate - 1e-4) < 1e-8, T(
        es=f"Con learning_rate=0.0001, el optimizador tiene {rate:g}: pásale el valor que da hp.",
        en=f"With learning_rate=0.0001 the optimizer has {rate:g}: hand it the value that hp gives.",
    )


# %% [markdown] lang="es"
# ## 5. Lanzar la búsqueda
#
# Un buscador (*tuner*) se usa en dos pasos. Primero se crea, diciéndole qué construir y cómo juzgarlo; después se le pide
# que busque, con los mismos argumentos que `fit`. Así se vería un `Hyperband` que ajusta una regresión:
#
# ```python
# tuner = keras_tuner.Hyperband(build_house_prices, objective="val_loss", max_epochs=27, directory="houses")
# tuner.search(X_train, y_train, validation_split=0.25)
# ```
#
# Lo que hay que pensar en cada búsqueda:
#
# - **El objetivo** (`objective`) es el nombre de lo que aparece en el `History`: `"val_loss"`, `"val_accuracy"`… KerasTuner
#   sabe que una exactitud se **maximiza** y una pérdida se minimiza. Sin `val_` se premia memorizar.
# - **Los datos de validación** (`validation_data`) los das tú, siempre los mismos para todos los ensayos.
# - **La semilla** (`seed`) decide qué valores se sortean; los pesos iniciales de cada red siguen siendo aleatorios. Usa
#   un número distinto de cero: KerasTuner 1.4.8 lee `seed=0` como «sin semilla».
# - **La carpeta** (`directory`): el buscador guarda ahí cada ensayo. Si encuentra una búsqueda anterior la **reanuda**, y
#   si aquella ya terminó no prueba nada nuevo, aunque hayas cambiado el modelo. Para empezar de cero: `overwrite`.
#
# De cada ensayo se queda con la exactitud de validación de su **mejor** época.

# %% [markdown] lang="en"
# ## 5. Running the search
#
# A tuner is used in two steps. First it is created, and told what to build and how to judge it; then it is asked to
# search, with the same arguments as `fit`. This is what a `Hyperband` that tunes a regression would look like:
#
# ```python
# tuner = keras_tuner.Hyperband(build_house_prices, objective="val_loss", max_epochs=27, directory="houses")
# tuner.search(X_train, y_train, validation_split=0.25)
# ```
#
# What has to be thought of in every search:
#
# - **The objective** (`objective`) is the name of something that shows up in the `History`: `"val_loss"`,
#   `"val_accuracy"`… KerasTuner knows that an accuracy is **maximised** and a loss minimised. Without `val_`, memorising
#   is rewarded.
# - **The validation data** (`validation_data`) come from you, the same for all trials.
# - **The seed** (`seed`) decides which values are drawn; the initial weights of each network stay random. Use a number
#   other than zero: KerasTuner 1.4.8 reads `seed=0` as "no seed".
# - **The folder** (`directory`): the tuner stores each trial there. If it finds an earlier search it **resumes** it, and
#   if that one was finished it tries nothing new, even if you have changed the model. To start afresh: `overwrite`.
#
# Of each trial it keeps the validation accuracy of its **best** epoch.

# %% [markdown] lang="es"
# ### Tarea 3 · `run_search(build, x, y, x_val, y_val, max_trials, directory, seed=1)` — 3 puntos
#
# Haz una búsqueda **al azar** (`keras_tuner.RandomSearch`) y devuelve el **buscador** ya usado:
#
# - `build` es una función como la de la tarea 2; usa la que recibes;
# - el objetivo es la exactitud de **validación**, `val_accuracy`;
# - `max_trials` ensayos de **5 épocas** cada uno, entrenados con `x`, `y` y juzgados con `x_val`, `y_val`;
# - guardada en `directory`, **de cero**: si la carpeta tiene una búsqueda anterior, se sobrescribe;
# - con `seed`: la misma semilla sortea los mismos ensayos.
#
# Con `verbose=0` en `search` no escribe nada mientras busca.

# %% [markdown] lang="en"
# ### Task 3 · `run_search(build, x, y, x_val, y_val, max_trials, directory, seed=1)` — 3 points
#
# Run a **random** search (`keras_tuner.RandomSearch`) and return the **tuner** after its search:
#
# - `build` is a function like that of task 2; use the one you are given;
# - the objective is the **validation** accuracy, `val_accuracy`;
# - `max_trials` trials of **5 epochs** each, trained on `x`, `y` and judged on `x_val`, `y_val`;
# - stored in `directory`, **from scratch**: if the folder holds an earlier search, it is overwritten;
# - with `seed`: the same seed draws the same trials.
#
# With `verbose=0` in `search` it writes nothing while it searches.


# %% task="run_search" points=3
def run_search(build, x, y, x_val, y_val, max_trials, directory, seed=1):
    """Random search for the hyperparameters of `build(hp)` with the best validation accuracy, 5 epochs a trial.

    x (n, d), y (n,): training data; x_val, y_val: validation data. Starts afresh in `directory`; the same seed draws the
    same trials. Returns the keras_tuner.RandomSearch after its search.
    """
    ### BEGIN SOLUTION
    tuner = keras_tuner.RandomSearch(
        build,
        objective="val_accuracy",
        max_trials=max_trials,
        seed=seed,
        directory=directory,
        overwrite=True,
    )
    tuner.search(x, y, epochs=5, validation_data=(x_val, y_val), verbose=0)
    return tuner
    ### END SOLUTION


# %% role="demo"
tuner = run_search(build_model, X_train, y_train, X_val, y_val, 6, "searches", seed=3)
finished = list(tuner.oracle.trials.values())
for number, trial in enumerate(finished, start=1):
    values = ", ".join(f"{name} = {value:.4g}" for name, value in trial.hyperparameters.values.items())
    print(T(es="ensayo", en="trial"), f"{number}: {trial.score:.3f}   ({values})")


# %% check="run_search"
def test_objective(tuner):
    """es: Busca la mayor exactitud de validación. | en: It looks for the highest validation accuracy."""
    oracle = getattr(tuner, "oracle", None)
    assert oracle is not None, T(
        es=f"Se esperaba el buscador y ha llegado {type(tuner).__name__}: mira tu return.",
        en=f"Expected the tuner and got {type(tuner).__name__}: look at your return.",
    )
    assert oracle.objective.name == "val_accuracy", T(
        es=f"El objetivo es {oracle.objective.name!r} y debería ser 'val_accuracy'.",
        en=f"The objective is {oracle.objective.name!r} and should be 'val_accuracy'.",
    )
    assert oracle.objective.direction == "max", T(
        es="La exactitud se está minimizando: la mejor es la más alta.",
        en="The accuracy is being minimised: the best one is the highest.",
    )


def test_trials_done(tuner):
    """es: Hace los ensayos pedidos, en la carpeta pedida. | en: It runs the trials asked for, in the folder asked for."""
    from pathlib import Path

    count = len(tuner.oracle.trials)
    assert count == 6, T(
        es=f"Se pidieron 6 ensayos y hay {count}: mira max_trials.",
        en=f"6 trials were asked for and there are {count}: look at max_trials.",
    )
    assert Path(tuner.project_dir).resolve().is_relative_to(Path("searches").resolve()), T(
        es=f"La búsqueda está en «{tuner.project_dir}»: mira directory.",
        en=f"The search is in '{tuner.project_dir}': look at directory.",
    )


# %% role="demo"
scores = np.array([trial.score for trial in finished])
numbers = np.arange(1, len(scores) + 1)
figure, ax = plt.subplots(figsize=(7, 3.8), layout="constrained")
ax.plot(
    numbers,
    np.maximum.accumulate(scores),
    color=GREY,
    linestyle="--",
    drawstyle="steps-post",
    label=T(es="mejor hasta ahora", en="best so far"),
)
looks = (
    (1e-2, ORANGE, "s", T(es="tasa 0,01", en="rate 0.01")),
    (1e-3, BLUE, "o", T(es="tasa 0,001", en="rate 0.001")),
    (1e-4, GREEN, "^", T(es="tasa 0,0001", en="rate 0.0001")),
)
for rate, colour, marker, name in looks:
    mask = np.array([np.isclose(trial.hyperparameters.values["learning_rate"], rate) for trial in finished])
    ax.plot(numbers[mask], scores[mask], marker, color=colour, markersize=10, label=name)
ax.set(
    xlabel=T(es="ensayo", en="trial"),
    ylabel=T(es="exactitud de validación", en="validation accuracy"),
    xticks=numbers,
    ylim=(min(0.4, scores.min() - 0.05), 1.02),
    title=T(es="Seis ensayos al azar", en="Six trials at random"),
)
ax.grid(alpha=0.3)
ax.legend(frameon=False, loc="lower left", ncols=2)
plt.show()

# %% [markdown] lang="es"
# **Figura 3.** *Exactitud de validación de cada ensayo, en el orden en que se hicieron. La forma y el color dicen la tasa
# de aprendizaje: cuadrado naranja 0,01, círculo azul 0,001, triángulo verde 0,0001. La línea discontinua gris marca el
# mejor resultado hasta ese momento: solo puede subir. Con la red pedida, los cuadrados quedan arriba del todo, los
# círculos algo por debajo y el triángulo muy abajo.*
#
# En cinco épocas, una tasa de 0,0001 no llega lejos, con las neuronas que sea. Ojo con la conclusión: la búsqueda dice
# qué tasa es mejor **para cinco épocas**; con cincuenta, la pequeña podría ganar. El mejor ensayo no tiene por qué ser
# el último, ni el primero.

# %% [markdown] lang="en"
# **Figure 3.** *Validation accuracy of each trial, in the order in which they were made. Shape and colour tell the
# learning rate: orange square 0.01, blue circle 0.001, green triangle 0.0001. The dashed grey line marks the best result
# so far: it can only rise. With the network asked for, the squares lie at the very top, the circles somewhat below and
# the triangle far down.*
#
# In five epochs a rate of 0.0001 does not get far, whatever the number of units. Mind the conclusion: the search says
# which rate is best **for five epochs**; with fifty, the small one might win. The best trial need not be the last one,
# nor the first.

# %% [markdown] lang="es"
# ## 6. El mejor ensayo
#
# El buscador ordena los ensayos por su objetivo, de mejor a peor, y sabe si mejor es más alto o más bajo. Se le pregunta
# con `get_best_hyperparameters(num_trials=…)`, que devuelve una **lista** de objetos `HyperParameters`; el diccionario con
# los valores está en el atributo `values` de cada uno.
#
# ### Tarea 4 · `best_hyperparameters(tuner)` — 1 punto
#
# Devuelve un **diccionario** `{nombre: valor}` con los valores del **mejor** ensayo de un buscador que ya ha buscado. Que
# valga para cualquiera: otros hiperparámetros, otro objetivo.

# %% [markdown] lang="en"
# ## 6. The best trial
#
# The tuner ranks its trials by their objective, best first, and knows whether better means higher or lower. One asks it
# with `get_best_hyperparameters(num_trials=…)`, which returns a **list** of `HyperParameters` objects; the dictionary of
# the values is in the attribute `values` of each.
#
# ### Task 4 · `best_hyperparameters(tuner)` — 1 point
#
# Return a **dictionary** `{name: value}` with the values of the **best** trial of a tuner that has finished its search.
# Make it work for any tuner: other hyperparameters, another objective.


# %% task="best_hyperparameters" points=1
def best_hyperparameters(tuner):
    """The values of the best trial of a finished search, as a dict from name to value.

    tuner: any keras_tuner.Tuner after its search.
    """
    ### BEGIN SOLUTION
    return dict(tuner.get_best_hyperparameters()[0].values)
    ### END SOLUTION


# %% check="best_hyperparameters"
def test_best_of_all(best_hyperparameters, tuner):
    """es: Devuelve los valores del mejor ensayo. | en: It returns the values of the best trial."""
    got = best_hyperparameters(tuner)
    assert isinstance(got, dict), T(
        es=f"Se esperaba un diccionario y ha llegado {type(got).__name__}: mira el atributo values.",
        en=f"Expected a dictionary and got {type(got).__name__}: look at the attribute values.",
    )
    made = list(tuner.oracle.trials.values())
    mine = [trial.score for trial in made if trial.hyperparameters.values == got]
    assert mine, T(
        es=f"Ningún ensayo tiene los valores {got}.",
        en=f"No trial has the values {got}.",
    )
    better = [trial.score for trial in made if trial.score > max(mine)]
    assert not better, T(
        es=f"Hay {len(better)} ensayos con más exactitud de validación que el tuyo ({max(mine):.3f}).",
        en=f"{len(better)} trials have a higher validation accuracy than yours ({max(mine):.3f}).",
    )


# %% role="demo"
best = best_hyperparameters(tuner)
columns = {
    "units": (32, 512),
    "dropout": (0, 0.5),
    "learning_rate": (-4, -2),
    T(es="exactitud de validación", en="validation accuracy"): (scores.min(), scores.max()),
}
places = np.arange(len(columns))
figure, ax = plt.subplots(figsize=(8, 4.2), layout="constrained")
for trial in finished:
    chosen = trial.hyperparameters.values
    raw = [chosen["units"], chosen["dropout"], np.log10(chosen["learning_rate"]), trial.score]
    heights = [(v - low) / max(high - low, 1e-9) for v, (low, high) in zip(raw, columns.values(), strict=True)]
    is_best = chosen == best
    rank = np.mean(scores < trial.score)
    colour = ORANGE if is_best else plt.get_cmap("Blues")(0.3 + 0.7 * rank)
    label = T(es="mejor ensayo", en="best trial") if is_best else None
    ax.plot(places, heights, "o-", color=colour, linewidth=3.5 if is_best else 1.8, zorder=2 + is_best, label=label)
for place, (name, (low, high)) in enumerate(columns.items()):
    ax.vlines(place, 0, 1, color=GREY, linewidth=1, zorder=1)
    if name == "learning_rate":
        low, high = "0.0001", "0.01"
    elif place == 3:
        low, high = f"{low:.3f}", f"{high:.3f}"
    for value, height, side in ((low, -0.03, "top"), (high, 1.03, "bottom")):
        ax.text(place, height, str(value), ha="center", va=side, color=GREY)
ax.set(ylim=(-0.12, 1.22), yticks=[], xlim=(-0.3, 3.3))
ax.set_xticks(places, list(columns))
ax.set_title(T(es="Coordenadas paralelas", en="Parallel coordinates"))
ax.spines[["left", "right", "top", "bottom"]].set_visible(False)
ax.tick_params(length=0)
ax.legend(frameon=False, loc="upper left", bbox_to_anchor=(0, 1.08))
plt.show()

# %% [markdown] lang="es"
# **Figura 4.** *Coordenadas paralelas: un eje vertical por hiperparámetro (neuronas, dropout, tasa de aprendizaje en
# escala logarítmica) y otro a la derecha para la exactitud de validación. Cada ensayo es una línea quebrada que los
# cruza; cuanto más oscuro el azul, más exactitud, y la naranja gruesa es el mejor.*
#
# Se lee de derecha a izquierda: sigue las líneas que terminan arriba y mira por dónde pasan. En el eje de la tasa de
# aprendizaje vienen todas de la misma zona; en el de las neuronas llegan de cualquier altura. Eso dice qué
# hiperparámetro importa. Con seis ensayos es solo una pista: para afirmarlo harían falta muchos más.

# %% [markdown] lang="en"
# **Figure 4.** *Parallel coordinates: one vertical axis per hyperparameter (units, dropout, learning rate on a
# logarithmic scale) and another on the right for the validation accuracy. Each trial is a broken line that crosses them;
# the darker the blue, the higher the accuracy, and the thick orange line is the best.*
#
# Read it from right to left: follow the lines that end high up and see where they pass. On the axis of the learning rate
# they all come from the same region; on that of the units they arrive from any height. That says which hyperparameter
# matters. With six trials it is only a clue: to claim it, many more would be needed.

# %% [markdown] lang="es"
# ### La prueba, una sola vez
#
# Elegidos los hiperparámetros, el conjunto de validación ha cumplido: se entrena una red **nueva** con entrenamiento y
# validación juntos y, ahora sí, se mira la prueba. Sea cual sea el resultado, es el que se informa (puede salir incluso
# mejor que en la búsqueda: esta red ve más imágenes y más épocas). Si no te gusta y vuelves a buscar, esa prueba ya no es
# una prueba.

# %% [markdown] lang="en"
# ### The test set, only once
#
# Once the hyperparameters are chosen, the validation set has done its work: we train a **new** network on training and
# validation sets together and now, at last, look at the test set. Whatever comes out is what is reported (it may even be
# better than in the search: this network sees more pictures and more epochs). If you do not like it and go back to search,
# that test is no longer a test.

# %% role="demo"
chosen_space = keras_tuner.HyperParameters()
for name, value in best.items():
    chosen_space.Fixed(name, value)
keras.utils.set_random_seed(8)
final_model = build_model(chosen_space)
final_model.fit(np.concatenate([X_train, X_val]), np.concatenate([y_train, y_val]), epochs=7, batch_size=64, verbose=0)
test_accuracy = np.mean(np.asarray(final_model(X_test)).argmax(axis=1) == y_test)
print(T(es="hiperparámetros:       ", en="hyperparameters:    "), best)
print(T(es="exactitud de validación:", en="validation accuracy:"), f"{scores.max():.3f}")
print(T(es="exactitud de prueba:    ", en="test accuracy:      "), f"{test_accuracy:.3f}")

# %% [markdown] lang="es"
# ## 7. Buscar con más cabeza: Bayes y Hyperband
#
# La rejilla y el azar no aprenden de lo que ya han visto. Dos ideas que sí:
#
# | búsqueda | en KerasTuner | idea | cuándo |
# |---|---|---|---|
# | rejilla | `GridSearch` | todas las combinaciones, una a una | dos o tres hiperparámetros de pocos valores |
# | al azar | `RandomSearch` | valores sorteados, sin memoria | para empezar; muchos ensayos en paralelo |
# | bayesiana | `BayesianOptimization` | un modelo de la exactitud propone el siguiente | ensayos caros, pocos hiperparámetros |
# | Hyperband | `Hyperband` | muchos ensayos cortos; solo los mejores siguen | redes que enseñan pronto lo que valen |
#
# La **bayesiana** ajusta, con los ensayos hechos, un modelo de la exactitud en función de los hiperparámetros (en
# KerasTuner, un proceso gaussiano), que da para cada punto una predicción y su incertidumbre. El ensayo siguiente se hace
# donde la suma de ambas es mayor: un equilibrio entre **explotar** lo que va bien y **explorar** lo que no se conoce.
#
# **Hyperband** ataca el otro gasto, las épocas. Su pieza básica es la **eliminación sucesiva** (*successive halving*):
# empieza con muchos ensayos de una época, se queda con un tercio, les da el triple de épocas, y repite. La siguiente
# celda lo hace con nueve redes pequeñas: 9 ensayos de 1 época, 3 que llegan a 3 y 1 que llega a 9; en total, 21 épocas en
# lugar de las 81 que costaría entrenarlas todas hasta el final.

# %% [markdown] lang="en"
# ## 7. Searching with more wits: Bayes and Hyperband
#
# Grid and chance learn nothing from what they have already seen. Two ideas that do:
#
# | search | in KerasTuner | idea | when |
# |---|---|---|---|
# | grid | `GridSearch` | all combinations, one by one | two or three hyperparameters with few values |
# | random | `RandomSearch` | values drawn, without memory | to begin with; many trials in parallel |
# | Bayesian | `BayesianOptimization` | a model of the accuracy proposes the next trial | costly trials, few hyperparameters |
# | Hyperband | `Hyperband` | many short trials; only the best go on | networks that show their worth in a few epochs |
#
# The **Bayesian** search fits, to the trials made so far, a model of the accuracy as a function of the hyperparameters
# (in KerasTuner, a Gaussian process), which gives a prediction and its uncertainty for each point. The next trial is made
# where the sum of both is highest: a balance between **exploiting** what goes well and **exploring** what is unknown.
#
# **Hyperband** goes after the other cost, the epochs. Its building block is **successive halving**: start with many
# trials of one epoch, keep a third, give those three times the epochs, and repeat. The next cell does it with nine small
# networks: 9 trials of 1 epoch, 3 that get to 3, and 1 that gets to 9; 21 epochs in all, where training each to the end
# would cost 81.

# %% role="demo"
rates = np.logspace(-4.8, -1.3, 9)
running = {rate: (small_network(rate), []) for rate in rates}
survivors, age = list(rates), 0
for target in (1, 3, 9):
    for rate in survivors:
        network, marks = running[rate]
        for _ in range(target - age):
            network.partial_fit(X_train, y_train, classes=range(10))
            marks.append(network.score(X_val, y_val))
    age = target
    survivors = sorted(survivors, key=lambda rate: -running[rate][1][-1])[: max(len(survivors) // 3, 1)]

figure, ax = plt.subplots(figsize=(7, 3.8), layout="constrained")
for rate, (_, marks) in running.items():
    alive = rate in survivors
    colour = ORANGE if alive else BLUE if len(marks) > 1 else GREY
    ax.plot(range(1, len(marks) + 1), marks, "-", color=colour, linewidth=2.5 if alive else 1.5, zorder=3)
    ax.plot(len(marks), marks[-1], "D" if alive else "x", color=colour, markersize=8, zorder=3 + alive)
for target in (1, 3):
    ax.axvline(target, color=GREY, linestyle=":", linewidth=1)
ax.annotate(
    T(es="9 ensayos → 3", en="9 trials → 3"), (1, 0.03), (6, 0), textcoords="offset points", color=GREY, va="bottom"
)
ax.annotate(T(es="3 → 1", en="3 → 1"), (3, 0.03), (6, 0), textcoords="offset points", color=GREY, va="bottom")
ax.plot([], [], "D-", color=ORANGE, label=T(es="el que llega al final", en="the one that gets to the end"))
ax.plot([], [], "x", color=BLUE, label=T(es="eliminado", en="dropped"))
ax.set(
    xlabel=T(es="época", en="epoch"),
    ylabel=T(es="exactitud de validación", en="validation accuracy"),
    xticks=range(1, 10),
    ylim=(0, 1.05),
    title=T(es="Eliminación sucesiva", en="Successive halving"),
)
ax.grid(alpha=0.3)
ax.legend(frameon=False, loc="lower right")
plt.show()

# %% [markdown] lang="es"
# **Figura 5.** *Exactitud de validación según la época de nueve redes con tasas de aprendizaje distintas. Tras la primera
# época se eliminan seis (cruces grises en la época 1); tras la tercera, dos de las tres que quedaban (cruces azules); la
# naranja sigue sola hasta la época 9, marcada con un rombo.*
#
# El riesgo está a la vista: quien arranca despacio no tiene una segunda oportunidad. Por eso Hyperband repite la
# eliminación varias veces, con más o menos épocas de partida: cada repetición es un *bracket*.

# %% [markdown] lang="en"
# **Figure 5.** *Validation accuracy against epoch of nine networks with different learning rates. After the first epoch
# six are dropped (grey crosses at epoch 1); after the third, two of the three that were left (blue crosses); the orange
# one goes on alone to epoch 9, marked with a diamond.*
#
# The risk is plain to see: a slow starter gets no second chance. That is why Hyperband repeats the halving several times,
# with more or fewer epochs to begin with: each repetition is a *bracket*.

# %% [markdown] lang="es"
# ## 8. Optuna: el espacio, dentro del objetivo
#
# **Optuna** no sabe nada de redes. Le das una función **objetivo** que recibe un `trial`, le pide valores y devuelve un
# número; la puedes usar con Keras, con scikit-learn o para ajustar una cafetera:
#
# | KerasTuner | Optuna |
# |---|---|
# | `hp.Int(name, low, high)` | `trial.suggest_int(name, low, high)` |
# | `hp.Float(name, low, high, sampling="log")` | `trial.suggest_float(name, low, high, log=True)` |
# | `hp.Choice(name, list)` | `trial.suggest_categorical(name, list)` |
#
# Los ensayos se reúnen en un **estudio** (*study*). Dos cosas que se olvidan: si no dices nada, un estudio **minimiza**
# (`direction="minimize"`), y el azar está en el **muestreador** (*sampler*), que es a quien hay que dar la semilla. En la
# demostración, el mínimo de $(x-2)^2$ con un muestreador al azar:

# %% [markdown] lang="en"
# ## 8. Optuna: the space, inside the objective
#
# **Optuna** knows nothing about networks. You give it an **objective**, a function that receives a `trial`, asks it for
# values and returns a number; you can use it with Keras, with scikit-learn, or to tune a coffee machine:
#
# | KerasTuner | Optuna |
# |---|---|
# | `hp.Int(name, low, high)` | `trial.suggest_int(name, low, high)` |
# | `hp.Float(name, low, high, sampling="log")` | `trial.suggest_float(name, low, high, log=True)` |
# | `hp.Choice(name, list)` | `trial.suggest_categorical(name, list)` |
#
# Trials are gathered in a **study**. Two things that are easily forgotten: unless told otherwise, a study **minimises**
# (`direction="minimize"`), and chance lives in the **sampler**, which is what has to be given the seed. In the
# demonstration, the minimum of $(x-2)^2$ with a random sampler:


# %% role="demo"
def valley(trial):
    return (trial.suggest_float("x", -10, 10) - 2) ** 2


lowest = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=5))
lowest.optimize(valley, n_trials=25)
print(f"x = {lowest.best_params['x']:.3f}   (x - 2)² = {lowest.best_value:.4f}")

# %% [markdown] lang="es"
# El muestreador habitual de Optuna es **TPE** (*tree-structured Parzen estimator*), una búsqueda bayesiana que no modela la
# exactitud, sino los hiperparámetros: separa los ensayos hechos en buenos y malos, estima dónde abundan unos y otros, y
# propone valores que serían frecuentes entre los buenos y raros entre los malos. Los **diez primeros** ensayos los hace al
# azar (`n_startup_trials=10`), porque aún no tiene de qué aprender: con menos de diez, TPE y el azar son lo mismo.
#
# ### Tarea 5 · `tune_with_optuna(objective, n_trials, seed=1)` — 2 puntos
#
# **Maximiza** `objective` con `n_trials` ensayos y un muestreador **TPE** (`optuna.samplers.TPESampler`) con la semilla
# `seed`. Devuelve la pareja `(best_params, best_value)`: el diccionario de valores del mejor ensayo y el número que dio.

# %% [markdown] lang="en"
# Optuna's usual sampler is **TPE** (*tree-structured Parzen estimator*), a Bayesian search that models not the accuracy
# but the hyperparameters: it sorts the trials made so far into good and bad, estimates where each kind abounds, and
# proposes values that would be frequent among the good and rare among the bad. The **first ten** trials are random
# (`n_startup_trials=10`), as there is nothing to learn from yet: with fewer than ten, TPE and chance are the same thing.
#
# ### Task 5 · `tune_with_optuna(objective, n_trials, seed=1)` — 2 points
#
# **Maximise** `objective` with `n_trials` trials and a **TPE** sampler (`optuna.samplers.TPESampler`) seeded with `seed`.
# Return the pair `(best_params, best_value)`: the dictionary of values of the best trial and the number it gave.


# %% task="tune_with_optuna" points=2
def tune_with_optuna(objective, n_trials, seed=1):
    """Maximise `objective(trial)` with a seeded TPE sampler.

    Returns (best_params, best_value): the dict of values of the best of `n_trials` trials, and its value.
    """
    ### BEGIN SOLUTION
    sampler = optuna.samplers.TPESampler(seed=seed)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    study.optimize(objective, n_trials=n_trials)
    return study.best_params, study.best_value
    ### END SOLUTION


# %% check="tune_with_optuna"
def test_highest_of_all(tune_with_optuna):
    """es: Devuelve los valores y el número del mejor ensayo. | en: It returns the values and the number of the best trial."""
    tried = []

    def hill(trial):
        tried.append(-((trial.suggest_float("x", -10, 10) - 2) ** 2))
        return tried[-1]

    got = tune_with_optuna(hill, 15)
    pair = isinstance(got, tuple | list) and len(got) == 2
    assert pair, T(
        es=f"Se esperaba la pareja (best_params, best_value) y ha llegado {type(got).__name__}.",
        en=f"Expected the pair (best_params, best_value) and got {type(got).__name__}.",
    )
    params, value = got
    assert len(tried) == 15, T(
        es=f"Se pidieron 15 ensayos y se hicieron {len(tried)}: mira n_trials.",
        en=f"15 trials were asked for and {len(tried)} were made: look at n_trials.",
    )
    assert value != min(tried), T(
        es="Devuelves el valor más bajo de todos: un estudio minimiza si no le dices otra cosa. Mira direction.",
        en="You return the lowest value of all: a study minimises unless told otherwise. Look at direction.",
    )
    assert abs(value - max(tried)) < 1e-12, T(
        es=f"El mejor de los ensayos dio {max(tried):.4f} y tú devuelves {value}.",
        en=f"The best of the trials gave {max(tried):.4f} and you return {value}.",
    )
    assert abs(-((params["x"] - 2) ** 2) - value) < 1e-9, T(
        es="Los valores y el número no son del mismo ensayo.",
        en="The values and the number do not belong to the same trial.",
    )


def test_repeats_itself(tune_with_optuna):
    """es: La misma semilla repite la búsqueda. | en: The same seed repeats the search."""

    def hill(trial):
        return -((trial.suggest_float("x", -10, 10) - 2) ** 2)

    first, second = (tune_with_optuna(hill, 12, seed=4)[1] for _ in range(2))
    assert first == second, T(
        es="Dos búsquedas con la misma semilla dan resultados distintos: dale seed al muestreador.",
        en="Two searches with the same seed give different results: hand seed to the sampler.",
    )


# %% role="demo"
tpe_trials, random_trials = [], []


def recorded(log):
    """The objective of the figure: accuracy of the small network; each trial leaves its rate and accuracy in `log`."""

    def objective(trial):
        rate = trial.suggest_float("learning_rate", 1e-5, 10, log=True)
        penalty = trial.suggest_float("alpha", 1e-6, 10, log=True)
        log.append((rate, quick_accuracy(rate, penalty)))
        return log[-1][1]

    return objective


best_params, best_value = tune_with_optuna(recorded(tpe_trials), 30, seed=1)
print("TPE:", {name: float(f"{value:.2g}") for name, value in best_params.items()}, f"-> {best_value:.3f}")
blind = optuna.create_study(direction="maximize", sampler=optuna.samplers.RandomSampler(seed=1))
blind.optimize(recorded(random_trials), 30)

figure, axes = plt.subplots(1, 2, figsize=(10, 4), sharey=True, layout="constrained")
for ax, log, name in ((axes[0], random_trials, T(es="Al azar", en="Random")), (axes[1], tpe_trials, "TPE")):
    log = np.array(log)
    dots = ax.scatter(
        np.arange(1, len(log) + 1), log[:, 0], c=log[:, 1], cmap="cividis", vmin=0, vmax=1, s=60, edgecolor=GREY
    )
    ax.axvline(10.5, color=GREY, linestyle=":", linewidth=1)
    late = np.mean(log[10:, 1] > 0.85)
    share = f"{100 * late:.0f}"
    ax.set(yscale="log", xlabel=T(es="ensayo", en="trial"))
    ax.set_title(T(es=f"{name} (buenos desde el 11.º: {share} %)", en=f"{name} (good ones from the 11th on: {share}%)"))
    ax.grid(alpha=0.2)
axes[0].set_ylabel(T(es="tasa de aprendizaje", en="learning rate"))
figure.colorbar(dots, ax=axes, label=T(es="exactitud de validación", en="validation accuracy"))
plt.show()

# %% [markdown] lang="es"
# **Figura 6.** *Tasa de aprendizaje probada en cada uno de 30 ensayos; el color dice la exactitud, de azul oscuro (0) a
# amarillo (1). A la izquierda, al azar: los puntos llenan toda la altura hasta el final. A la derecha, TPE: los diez
# primeros (antes de la línea de puntos) caen igual de dispersos y los siguientes se agolpan en la franja amarilla,
# alrededor de 0,03. El título dice qué parte de los ensayos a partir del undécimo pasa de 0,85.*
#
# TPE gasta sus ensayos donde prometen, sin dejar de mirar de vez en cuando fuera. A cambio cada ensayo depende de los
# anteriores: veinte a la vez no se pueden lanzar sin perder parte de la ventaja.

# %% [markdown] lang="en"
# **Figure 6.** *Learning rate tried in each of 30 trials; the colour tells the accuracy, from dark blue (0) to yellow
# (1). On the left, at random: the points fill the whole height to the end. On the right, TPE: the first ten (before the
# dotted line) fall just as widely and the following ones crowd into the yellow band around 0.03. The title says which
# share of the trials from the eleventh on is above 0.85.*
#
# TPE spends its trials where they hold promise, while still looking elsewhere now and then. In exchange each trial depends
# on those before it: twenty at a time cannot be launched without losing part of the advantage.

# %% [markdown] lang="es"
# ## 9. TensorBoard HParams
#
# **TensorBoard** dibuja en el navegador lo que se ha ido apuntando en una carpeta de registros. Su pestaña **HParams**
# reúne los ensayos en una tabla, en coordenadas paralelas como las de la figura 4 y en diagramas de dispersión, y deja
# filtrar y ordenar. Cada ensayo es una subcarpeta con dos cosas: sus hiperparámetros y sus métricas. Se puede apuntar
# desde `fit`, con dos *callbacks*, o a mano, como haremos con los seis ensayos de antes.
#
# En las clases se usa con **Fashion-MNIST**: 70 000 imágenes de ropa de 28×28 píxeles, de diez clases. La función de
# abajo la descarga si hay red (unos 30 MB) y, si no la hay, sigue con las cifras.

# %% [markdown] lang="en"
# ## 9. TensorBoard HParams
#
# **TensorBoard** draws in the browser what has been written to a folder of logs. Its **HParams** tab gathers the trials in
# a table, in parallel coordinates like those of figure 4 and in scatter plots, and lets you filter and sort. Each trial is
# a subfolder with two things: its hyperparameters and its metrics. They can be written from `fit`, with two callbacks, or
# by hand, as we shall do with the six trials from before.
#
# The lectures use it with **Fashion-MNIST**: 70,000 pictures of clothes of 28×28 pixels, in ten classes. The function
# below downloads it if there is a network (some 30 MB) and otherwise carries on with the digits.

# %% role="demo"
import shutil
from pathlib import Path

import tensorflow as tf
from tensorboard.plugins.hparams import api as hparams


def load_pictures():
    """Name, pictures (n, pixels) in [0, 1] and labels: Fashion-MNIST, or the digits where there is no network."""
    try:
        (pictures, classes), _ = keras.datasets.fashion_mnist.load_data()
    except Exception:
        return T(es="cifras (sin red)", en="digits (no network)"), images, labels
    return "Fashion-MNIST", pictures.reshape(len(pictures), -1).astype("float32") / 255, classes


shutil.rmtree("logs", ignore_errors=True)
for trial in finished:
    with tf.summary.create_file_writer(f"logs/digits/{trial.trial_id}").as_default():
        hparams.hparams(trial.hyperparameters.values, trial_id=trial.trial_id)
        tf.summary.scalar("val_accuracy", trial.score, step=1)

source, pictures, classes = load_pictures()
settings = {"units": 64, "optimizer": "adam"}
folder = "logs/pictures/adam-64"
clothes_model = keras.Sequential([keras.Input((pictures.shape[1],)), keras.layers.Dense(settings["units"], "relu")])
clothes_model.add(keras.layers.Dense(units=10, activation=keras.activations.softmax))
clothes_model.compile(settings["optimizer"], "sparse_categorical_crossentropy", metrics=["accuracy"])
clothes_model.fit(
    pictures[:2000],
    classes[:2000],
    validation_split=0.2,
    epochs=1,
    verbose=0,
    callbacks=[keras.callbacks.TensorBoard(folder, write_graph=False), hparams.KerasCallback(folder, settings)],
)
print(T(es="imágenes:", en="pictures:"), source)
for path in sorted({file.parent for file in Path("logs").rglob("events*")}):
    print("  ", path)

# %% [markdown] lang="es"
# Para verlo, en una terminal, `tensorboard --logdir logs`, y en un navegador, la dirección que escribe. En Jupyter o
# Colab, en una celda: `%load_ext tensorboard` y después `%tensorboard --logdir logs`. Con KerasTuner basta pasar el
# *callback* `keras.callbacks.TensorBoard` a `search`: él mismo añade los hiperparámetros de cada ensayo.

# %% [markdown] lang="en"
# To see it, run `tensorboard --logdir logs` in a terminal and open the address it prints in a browser. In Jupyter or
# Colab, in a cell: `%load_ext tensorboard` and then `%tensorboard --logdir logs`. With KerasTuner it is enough to hand the
# callback `keras.callbacks.TensorBoard` to `search`: it adds the hyperparameters of each trial by itself.

# %% [markdown] lang="es"
# ## Resumen
#
# Ahora sabes:
#
# - que los parámetros los encuentra el gradiente y los hiperparámetros se eligen probando;
# - que se elige con la **validación** y se informa con la **prueba**, mirada una sola vez, porque elegir también es
#   aprender: la mejor nota de muchas siempre es optimista;
# - que una rejilla cuesta el **producto** de sus tamaños y repite los valores que importan, y que el azar no;
# - escribir el espacio dentro del modelo con `hp.Int`, `hp.Float` y `hp.Choice`, y por qué la métrica ha de tener el
#   nombre que se busca;
# - lanzar una búsqueda con objetivo `val_accuracy`, semilla y carpeta limpia, y sacar los valores del mejor ensayo, que no
#   tiene por qué ser el último;
# - leer unas coordenadas paralelas de derecha a izquierda;
# - que la búsqueda bayesiana aprende de los ensayos hechos y Hyperband ahorra épocas en los malos;
# - maximizar con Optuna y TPE, que solo se distingue del azar a partir del ensayo once;
# - apuntar ensayos para la pestaña HParams de TensorBoard.
#
# **Para ir más lejos:** «Random Search for Hyper-Parameter Optimization», de Bergstra y Bengio (2012); «Algorithms for
# Hyper-Parameter Optimization», de Bergstra y otros (2011), donde nace TPE; «Practical Bayesian Optimization of Machine
# Learning Algorithms», de Snoek, Larochelle y Adams (2012); «Hyperband», de Li y otros (2018); «Optuna: A Next-generation
# Hyperparameter Optimization Framework», de Akiba y otros (2019); las guías de KerasTuner y la *Deep Learning Tuning
# Playbook* de Google. Con scikit-learn, `GridSearchCV` y `RandomizedSearchCV` añaden validación cruzada.

# %% [markdown] lang="en"
# ## Recap
#
# You now know:
#
# - that parameters are found by the gradient and hyperparameters are chosen by trying;
# - that one chooses by the **validation** set and reports the **test** set, looked at only once, because choosing is
#   learning too: the best mark of many is always optimistic;
# - that a grid costs the **product** of its sizes and repeats the values that matter, and chance does not;
# - how to write the space inside the model with `hp.Int`, `hp.Float` and `hp.Choice`, and why the metric must have the
#   name that is searched for;
# - how to run a search with the objective `val_accuracy`, a seed and a clean folder, and get the values of the best trial,
#   which need not be the last one;
# - how to read parallel coordinates from right to left;
# - that Bayesian search learns from the trials made, and Hyperband saves epochs on the bad ones;
# - how to maximise with Optuna and TPE, which can only be told from chance from the eleventh trial on;
# - how to log trials for TensorBoard's HParams tab.
#
# **To go further:** "Random Search for Hyper-Parameter Optimization" by Bergstra and Bengio (2012); "Algorithms for
# Hyper-Parameter Optimization" by Bergstra et al. (2011), where TPE was born; "Practical Bayesian Optimization of Machine
# Learning Algorithms" by Snoek, Larochelle and Adams (2012); "Hyperband" by Li et al. (2018); "Optuna: A Next-generation
# Hyperparameter Optimization Framework" by Akiba et al. (2019); the KerasTuner guides and Google's *Deep Learning Tuning
# Playbook*. In scikit-learn, `GridSearchCV` and `RandomizedSearchCV` add cross-validation.
