# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown] lang="es"
# # Dropout: entrenar con parte de la red apagada
#
# En el cuaderno 05 una red pequeña acababa aprendiéndose las reseñas de memoria. Aquí la curamos con un remedio que
# parece un sabotaje: mientras aprende, le **apagamos al azar la mitad de las neuronas**.
#
# **Objetivos.** Al terminar sabrás:
#
# - explicar qué apaga *dropout* (activaciones, no pesos) y por qué las que quedan se multiplican por $1/(1-p)$;
# - programarlo en NumPy, con un generador de números aleatorios que se pueda repetir;
# - decir por qué actúa al entrenar y se calla al predecir;
# - colocar la capa `Dropout` de Keras donde corresponde, y reconocer los sitios donde no;
# - leer dos historiales de entrenamiento y decidir, con el número correcto, si *dropout* ha ayudado;
# - explicar por qué equivale a promediar muchísimas redes;
# - usar *dropout* también al predecir (*Monte Carlo dropout*) para saber cuánto duda la red.
#
# **Requisitos previos:** los cuadernos 04 (primera red en Keras) y 05 (sobreajuste).
#
# **Tiempo:** unos 90 minutos. **Cuatro tareas, 10 puntos.** El cuaderno resuelto se ejecuta entero en menos de un
# minuto.

# %% [markdown] lang="en"
# # Dropout: training with part of the network switched off
#
# In notebook 05 a small network ended up learning the reviews by heart. Here we cure it with a remedy that looks like
# sabotage: while it learns, we **switch off half of its neurons at random**.
#
# **Aims.** By the end you will be able to:
#
# - explain what dropout switches off (activations, not weights) and why the rest is multiplied by $1/(1-p)$;
# - program it in NumPy, with a random generator that can be repeated;
# - say why it acts in training and keeps quiet in prediction;
# - put Keras's `Dropout` layer where it belongs, and recognise the places where it does not;
# - read two training histories and decide, by the right number, whether dropout has helped;
# - explain why it amounts to averaging a vast number of networks;
# - use dropout in prediction too (Monte Carlo dropout) to learn how much the network doubts.
#
# **Prerequisites:** notebooks 04 (the first network in Keras) and 05 (overfitting).
#
# **Time:** about 90 minutes. **Four tasks, 10 points.** The solved notebook runs from top to bottom in under a minute.

# %% role="setup"
import keras
import matplotlib.pyplot as plt
import numpy as np

# Okabe-Ito palette: these colours stay apart for colour-blind readers as well.
BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#555555"

WORDS = 10_000
REVIEWS = 6_000
EPOCHS = 20


def build_baseline():
    """The network of notebook 05, without any remedy: 16-16-1."""
    widths = [(16, "relu"), (16, "relu"), (1, "sigmoid")]
    layers = [keras.layers.Dense(units, activation=name) for units, name in widths]
    model = keras.Sequential([keras.Input((WORDS,)), *layers])
    how = {"optimizer": "rmsprop", "loss": "binary_crossentropy", "metrics": ["accuracy"]}
    model.compile(**how)
    return model


def curve(history, name):
    """`loss`, `accuracy`, `val_loss` or `val_accuracy` per epoch, whatever the metric was called in `compile`."""
    part, validation = "acc" if "acc" in name else "loss", name.startswith("val_")
    return np.asarray(next(v for k, v in history.history.items() if part in k and k.startswith("val_") == validation))


# %% [markdown] lang="es"
# ## 1. El paciente: una red que memoriza
#
# Son las reseñas de cine de IMDB del cuaderno 05. Cada una es una lista de números de palabra y se convierte en un
# vector de 10 000 ceros y unos: un 1 por cada palabra que aparece. Para que el cuaderno vaya rápido usamos, como
# mucho, las **6000 primeras**: el 60 % para entrenar y el **40 % para validar**. (Sin conexión a internet se usa el
# pequeño corpus del curso, de reseñas inventadas: los números cambian, la lección no.)

# %% [markdown] lang="en"
# ## 1. The patient: a network that memorises
#
# These are the IMDB film reviews of notebook 05. Each is a list of word numbers and becomes a vector of 10,000 zeros
# and ones: a 1 for every word that occurs. To keep the notebook quick we use the **first 6,000** at most: 60% to
# train on and **40% for validation**. (Without an internet connection the course's small corpus of made-up reviews is
# used: the numbers change, the lesson does not.)

# %% role="setup"
try:
    (x_train, y_train), (x_test, y_test) = keras.datasets.imdb.load_data(num_words=WORDS)
except Exception:
    try:
        from autograder.data import imdb

        (x_train, y_train), (x_test, y_test) = imdb.load_data(num_words=WORDS)
    except ImportError:
        raise RuntimeError(
            T(
                es="No se han podido obtener las reseñas: conéctate a internet (o instala el paquete `autograder` del "
                "curso) y vuelve a ejecutar esta celda.",
                en="The reviews could not be fetched: connect to the internet (or install the course's `autograder` "
                "package) and run this cell again.",
            )
        ) from None

reviews, opinions = x_train[:REVIEWS], y_train[:REVIEWS].astype("float32")
which_review = np.repeat(np.arange(len(reviews)), [len(review) for review in reviews])
table = np.zeros((len(reviews), WORDS), dtype="float32")
table[which_review, np.concatenate(reviews)] = 1

border = int(0.6 * len(table))
x_train, x_val = table[:border], table[border:]
y_train, y_val = opinions[:border], opinions[border:]
del x_test, y_test, reviews, which_review
print(
    T(es="para entrenar:", en="to train on:"), x_train.shape, T(es="  para validar:", en="  to validate:"), x_val.shape
)

# %% [markdown] lang="es"
# El paciente es la red del cuaderno 05: dos capas ocultas de 16 neuronas ReLU y una salida sigmoide, con RMSprop,
# entropía cruzada binaria y lotes de 512. La entrenamos 20 épocas, más de las que le convienen.

# %% [markdown] lang="en"
# The patient is the network of notebook 05: two hidden layers of 16 ReLU units and one sigmoid output, with RMSprop,
# binary cross-entropy and batches of 512. We train it for 20 epochs, more than is good for it.

# %% role="demo"
keras.utils.set_random_seed(1)
baseline_model = build_baseline()
baseline_history = baseline_model.fit(
    x_train, y_train, validation_data=(x_val, y_val), batch_size=512, epochs=EPOCHS, verbose=0
)

print(
    T(
        es="época   pérdida: entren.  valid.   exactitud: entren.  valid.",
        en="epoch    loss: train   valid.    accuracy: train   valid.",
    )
)
for epoch in (1, 5, 10, EPOCHS):
    numbers = [curve(baseline_history, name)[epoch - 1] for name in ("loss", "val_loss", "accuracy", "val_accuracy")]
    print(f"{epoch:5}            {numbers[0]:.3f}   {numbers[1]:.3f}             {numbers[2]:.3f}   {numbers[3]:.3f}")

# %% [markdown] lang="es"
# La pérdida de entrenamiento va camino de cero y la exactitud de entrenamiento, de 1: la red ya se sabe **sus**
# reseñas. En las de validación no: su pérdida baja al principio y luego vuelve a subir. En clase, con las 25 000
# reseñas reales, pasa lo mismo: la mejor exactitud de validación, cerca de 0,89, llega en las épocas 4 o 5; tras 20,
# la de entrenamiento pasa de 0,99 y la de validación cae a 0,87, más o menos.
#
# ¿Cómo se memoriza una reseña? Una neurona se fija en una combinación rara de palabras que solo aparece ahí; otra
# corrige lo que la primera estropea en las demás; una tercera cuenta con las dos. A estas alianzas se las llama
# **coadaptación**: cada neurona solo sirve si están presentes las otras.

# %% [markdown] lang="en"
# The training loss is on its way to zero and the training accuracy to 1: the network knows **its** reviews by now.
# Not so those for validation: their loss falls at first and then rises again. In the lecture, with the 25,000 real
# reviews, the same happens: the best validation accuracy, near 0.89, comes at epochs 4 or 5; after 20, the training
# accuracy is above 0.99 and the validation accuracy has dropped to about 0.87.
#
# How is a review memorised? One neuron goes by an odd combination of words that occurs nowhere else; another makes up
# for what the first spoils on the rest; a third counts on both. Such alliances are called **co-adaptation**: each
# neuron is of use only while the others are there.

# %% [markdown] lang="es"
# ## 2. El remedio: apagar activaciones
#
# *Dropout* (Hinton y otros, 2012) rompe las alianzas: en cada paso del entrenamiento y **para cada muestra**, cada
# neurona de la capa se apaga con probabilidad $p$ (la **tasa**, `rate`). Ninguna puede contar con sus vecinas, así
# que cada una tiene que aprender algo útil por sí misma.
#
# Si $h_i$ es la activación de una neurona, se tira una moneda trucada $m_i$, que vale 0 con probabilidad $p$ y 1 con
# probabilidad $1-p$, y la capa siguiente recibe
#
# $$\tilde h_i=\frac{m_i\,h_i}{1-p}.$$
#
# Con cinco activaciones, $p=0{,}2$ y la moneda en contra de la tercera:
#
# | | $h_1$ | $h_2$ | $h_3$ | $h_4$ | $h_5$ |
# |---|---|---|---|---|---|
# | antes | 0,4 | 1,2 | 2,0 | 0,8 | 1,6 |
# | moneda $m$ | 1 | 1 | 0 | 1 | 1 |
# | después | 0,5 | 1,5 | **0** | 1,0 | 2,0 |
#
# **¿Por qué dividir entre $1-p$?** Para que la capa siguiente reciba, de media, lo mismo que sin *dropout*:
#
# $$\mathbb E[\tilde h_i]=p\cdot 0+(1-p)\cdot\frac{h_i}{1-p}=h_i.$$
#
# Con $p=0{,}2$ los supervivientes se multiplican por $1{,}25$; con $p=0{,}5$, por 2. Se llama *dropout* **invertido**
# porque hace la cuenta al entrenar. En la versión original se hacía al revés: nada al entrenar y, al predecir,
# multiplicar todo por $1-p$. La invertida ganó porque así **al predecir no hay que hacer nada**.
#
# **¿Por qué se apaga al predecir?** El azar era un entrenamiento. Al predecir queremos la misma respuesta para la
# misma reseña, y con toda la red: igual que se entrena con lastre y se compite sin él.
#
# > **Cuidado con la diapositiva.** Dice que *dropout* pone a cero **pesos**. No: pone a cero **activaciones**, y
# > reescala las demás. Los pesos se quedan como están; por los de una neurona apagada, simplemente, no pasa nada
# > durante ese paso y para esa muestra, y la siguiente muestra del mismo lote tiene otras neuronas apagadas. (Apagar
# > pesos sueltos existe, se llama *DropConnect*, y es otra cosa.) Tampoco confundas la tasa con la probabilidad de
# > **sobrevivir**: `rate=0.2` apaga una de cada cinco.

# %% [markdown] lang="en"
# ## 2. The remedy: switching activations off
#
# Dropout (Hinton et al., 2012) breaks the alliances: at each training step and **for each sample**, every neuron of
# the layer is switched off with probability $p$ (the **rate**). None can count on its neighbours, so each has to
# learn something useful by itself.
#
# If $h_i$ is the activation of a neuron, a loaded coin $m_i$ is tossed, 0 with probability $p$ and 1 with probability
# $1-p$, and the next layer receives
#
# $$\tilde h_i=\frac{m_i\,h_i}{1-p}.$$
#
# With five activations, $p=0.2$, and the coin against the third:
#
# | | $h_1$ | $h_2$ | $h_3$ | $h_4$ | $h_5$ |
# |---|---|---|---|---|---|
# | before | 0.4 | 1.2 | 2.0 | 0.8 | 1.6 |
# | coin $m$ | 1 | 1 | 0 | 1 | 1 |
# | after | 0.5 | 1.5 | **0** | 1.0 | 2.0 |
#
# **Why divide by $1-p$?** So that the next layer receives on average what it would receive without dropout:
#
# $$\mathbb E[\tilde h_i]=p\cdot 0+(1-p)\cdot\frac{h_i}{1-p}=h_i.$$
#
# With $p=0.2$ the survivors are multiplied by $1.25$; with $p=0.5$, by 2. This is called **inverted** dropout because
# it settles the account in training. The original version did it the other way round: nothing in training, and in
# prediction everything times $1-p$. The inverted form won because **in prediction there is nothing left to do**.
#
# **Why is it off in prediction?** The chance was part of the training. When predicting we want the same answer for
# the same review, and from the whole network: as one trains with weights strapped on and competes without them.
#
# > **Mind the slide.** It says that dropout sets **weights** to zero. It does not: it sets **activations** to zero,
# > and rescales the others. The weights stay as they are; nothing passes through those of a neuron that is off, in
# > that step and for that sample, and the next sample of the same batch has other neurons off. (Switching off single
# > weights exists; it is called DropConnect, and it is something else.) And do not take the rate for the probability
# > of **surviving**: `rate=0.2` switches off one in five.

# %% [markdown] lang="es"
# ### Tarea 1 · `dropout(x, rate, training, rng)` — 3 puntos
#
# Programa el *dropout* invertido con NumPy:
#
# - `x` es un array de activaciones, de forma `(n,)` o `(n, d)`, y devuelves otro de la **misma forma**;
# - con `training=True`, cada elemento se apaga **por su cuenta**, con probabilidad `rate`, y los demás se reescalan;
# - todo el azar sale de `rng`, un `numpy.random.Generator` (como `np.random.default_rng(7)`): con un generador en el
#   mismo estado sale lo mismo, y la llamada siguiente da otra máscara;
# - con `training=False`, `x` sale tal como entra;
# - si `rate` no cumple `0 <= rate < 1`, `ValueError` (¿qué factor tocaría con `rate=1`?);
# - el array que recibes **no se modifica**.

# %% [markdown] lang="en"
# ### Task 1 · `dropout(x, rate, training, rng)` — 3 points
#
# Program inverted dropout with NumPy:
#
# - `x` is an array of activations, of shape `(n,)` or `(n, d)`, and you return another of the **same shape**;
# - with `training=True`, each element is switched off **on its own**, with probability `rate`, and the others are
#   rescaled;
# - all chance comes from `rng`, a `numpy.random.Generator` (such as `np.random.default_rng(7)`): a generator in the
#   same state gives the same result, and the next call gives another mask;
# - with `training=False`, `x` comes out as it went in;
# - unless `0 <= rate < 1`, `ValueError` (what would the factor be with `rate=1`?);
# - the array you are given is **not modified**.


# %% task="dropout" points=3
def dropout(x, rate, training, rng):
    """Inverted dropout of the activations `x`, shape (n,) or (n, d).

    training=True: each element becomes 0 with probability `rate`, on its own, and the others are rescaled so that the
    expected value stays. All chance comes from `rng`, a numpy.random.Generator. training=False: `x` as it is.
    Returns an array of the shape of `x` and leaves `x` untouched. Raises ValueError unless 0 <= rate < 1.
    """
    ### BEGIN SOLUTION
    if not 0 <= rate < 1:
        raise ValueError(f"rate must lie in [0, 1), got {rate}")
    x = np.asarray(x)
    if not training:
        return x.copy()
    survives = rng.random(x.shape) >= rate
    return np.where(survives, x / (1 - rate), 0.0)
    ### END SOLUTION


# %% check="dropout"
def test_zeros_and_survivors(dropout):
    """es: Apaga la parte pedida y reescala el resto. | en: It switches off the share asked for and rescales the rest."""
    import numpy as np

    got = dropout(np.ones((300, 100)), 0.25, True, np.random.default_rng(0))
    assert got is not None, T(
        es="La función no devuelve nada: ¿falta return?", en="Nothing is returned: is return missing?"
    )
    got = np.asarray(got)
    assert got.shape == (300, 100), T(
        es=f"Entra la forma (300, 100) y sale {got.shape}.",
        en=f"The shape (300, 100) goes in and {got.shape} comes out.",
    )
    share = np.mean(got == 0)
    assert abs(share - 0.25) < 0.02, T(
        es=f"Con rate=0.25 se apaga el {share:.0%}; se esperaba más o menos el 25 %.",
        en=f"With rate=0.25, {share:.0%} is switched off; about 25% was expected.",
    )
    factor = np.unique(got[got != 0].round(6))
    assert np.allclose(factor, 4 / 3, atol=1e-4), T(
        es=f"Los que sobreviven valían 1 y valen {factor[:3]}: ¿por cuánto hay que multiplicarlos si sobreviven 3 de 4?",
        en=f"The survivors were 1 and are {factor[:3]}: what must they be multiplied by if 3 of 4 survive?",
    )


def test_each_on_its_own(dropout):
    """es: Cada elemento se apaga por su cuenta. | en: Each element is switched off on its own."""
    import numpy as np

    off = np.asarray(dropout(np.ones((60, 40)), 0.5, True, np.random.default_rng(1))) == 0
    assert (off.any(axis=1) & ~off.all(axis=1)).all(), T(
        es="Hay filas apagadas o encendidas enteras: una moneda por elemento, no por fila.",
        en="Whole rows are off or on: one coin per element, not per row.",
    )
    assert (off.any(axis=0) & ~off.all(axis=0)).all(), T(
        es="Hay columnas apagadas o encendidas enteras: cada fila necesita su propia máscara.",
        en="Whole columns are off or on: each row needs a mask of its own.",
    )


def test_repeatable(dropout):
    """es: El azar sale de rng. | en: Chance comes from rng."""
    import numpy as np

    x = np.arange(1.0, 51.0)
    rng = np.random.default_rng(5)
    first, second = np.array(dropout(x, 0.5, True, rng)), np.array(dropout(x, 0.5, True, rng))
    again = np.array(dropout(x, 0.5, True, np.random.default_rng(5)))
    assert np.array_equal(first, again), T(
        es="Dos generadores con la misma semilla dan resultados distintos: ¿usas rng, o np.random?",
        en="Two generators with the same seed give different results: do you use rng, or np.random?",
    )
    assert not np.array_equal(first, second), T(
        es="Dos llamadas seguidas dan la misma máscara: usa el rng recibido, sin crear otro.",
        en="Two calls in a row give the same mask: use the rng you are given, without making another.",
    )
    assert np.array_equal(x, np.arange(1.0, 51.0)), T(
        es="Has modificado el array recibido: calcula uno nuevo.",
        en="You modified the array you got: compute a new one.",
    )


def test_off_and_limits(dropout):
    """es: Al predecir no hace nada, y la tasa 1 no vale. | en: It does nothing in prediction, and rate 1 is refused."""
    import numpy as np

    x = np.array([0.5, 2.0, 3.0])
    got = np.asarray(dropout(x, 0.5, False, np.random.default_rng(0)))
    assert np.array_equal(got, x), T(
        es=f"Con training=False entra {x} y sale {got}: debería salir lo mismo.",
        en=f"With training=False {x} goes in and {got} comes out: it should be the same.",
    )
    for rate in (-0.1, 1):
        try:
            dropout(x, rate, True, np.random.default_rng(0))
        except ValueError:
            continue
        raise AssertionError(
            T(es=f"Con rate={rate} hace falta ValueError.", en=f"rate={rate} has to raise ValueError.")
        )


# %% role="demo"
rng = np.random.default_rng(6)
before = rng.uniform(0.2, 1.4, (8, 16))
after = dropout(before, 0.5, True, rng)
averaged = np.mean([dropout(before, 0.5, True, rng) for _ in range(2000)], axis=0)

figure, axes = plt.subplots(1, 3, figsize=(11.5, 3.4), sharey=True, layout="constrained")
for ax, values, title in (
    (axes[0], before, T(es="Antes", en="Before")),
    (axes[1], after, T(es="Después, con p = 1/2", en="After, with p = 1/2")),
    (axes[2], averaged, T(es="Media de 2000 máscaras", en="Mean of 2000 masks")),
):
    image = ax.imshow(values, cmap="cividis", vmin=0, vmax=2.8, aspect="auto")
    ax.set(title=f"{title}\n" + T(es="media", en="mean") + f" {values.mean():.2f}")
    ax.set(xlabel=T(es="neurona", en="neuron"), xticks=[0, 5, 10, 15], xticklabels=[1, 6, 11, 16])
    ax.set(yticks=range(8), yticklabels=range(1, 9))
for row, column in np.argwhere(np.asarray(after) == 0):
    axes[1].text(column, row, "×", color="white", ha="center", va="center", fontsize=9)
axes[0].set_ylabel(T(es="muestra", en="sample"))
figure.colorbar(image, ax=axes, label=T(es="activación", en="activation"))
plt.show()

# %% [markdown] lang="es"
# **Figura 1.** *Tres tablas de colores con las activaciones de 16 neuronas (columnas) para 8 muestras (filas); más
# claro es mayor. A la izquierda, antes. En el centro, después de un paso de dropout: más o menos la mitad de las
# casillas son 0 (oscuras, marcadas con ×), repartidas sin orden y distintas en cada fila, y las demás se han aclarado,
# porque valen el doble. A la derecha, la media de 2000 máscaras: se parece mucho a la de la izquierda.*
#
# Cada paso ve una tabla mutilada, pero en promedio la capa siguiente recibe lo de siempre: compara las tres medias.
# Lo que la figura **no** dice es que ese promedio sobreviva a lo que venga después; tras una ReLU o una sigmoide, la
# media de las salidas ya no es la salida de la media. Lo veremos en la sección 5.

# %% [markdown] lang="en"
# **Figure 1.** *Three colour tables with the activations of 16 neurons (columns) for 8 samples (rows); lighter is
# larger. On the left, before. In the middle, after one step of dropout: about half of the cells are 0 (dark, marked
# ×), scattered without order and differently in each row, and the others have grown lighter, since they are doubled.
# On the right, the mean of 2000 masks: it looks much like the left one.*
#
# Each step sees a mutilated table, but on average the next layer receives what it always did: compare the three
# means. What the figure does **not** say is that this average survives whatever comes next; behind a ReLU or a
# sigmoid, the mean of the outputs is no longer the output of the mean. We shall see it in section 5.

# %% [markdown] lang="es"
# ## 3. En Keras, *dropout* es una capa
#
# En Keras no es un argumento de `Dense` sino una **capa propia**, `keras.layers.Dropout`, que se pone **detrás** de
# aquella cuyas activaciones apaga. No tiene parámetros que aprender. Keras le dice en cada momento si se está
# entrenando: `fit` la enciende; `predict` y `evaluate` la apagan. También se puede decir a mano, con `training=`.

# %% [markdown] lang="en"
# ## 3. In Keras, dropout is a layer
#
# In Keras it is not an argument of `Dense` but a **layer of its own**, `keras.layers.Dropout`, placed **behind** the
# one whose activations it switches off. It has no parameters to learn. Keras tells it at every moment whether the
# network is being trained: `fit` turns it on; `predict` and `evaluate` turn it off. You can also say so by hand, with
# `training=`.

# %% role="demo"
keras.utils.set_random_seed(3)
some_dropout = keras.layers.Dropout(0.2)
activations = np.array([[0.4, 1.2, 2.0, 0.8, 1.6]], dtype="float32")
for mode in (True, True, False):
    print(f"training={mode!s:<6}", np.asarray(some_dropout(activations, training=mode)).round(2))
print(T(es="parámetros de la capa:", en="parameters of the layer:"), some_dropout.count_params())

try:
    keras.layers.Dense(16, dropout=0.2)
except (TypeError, ValueError) as error:
    print("Dense(16, dropout=0.2):", type(error).__name__, "-", str(error).splitlines()[0])

# %% [markdown] lang="es"
# ¿Dónde se pone?
#
# | sitio | ¿sí? | por qué |
# |---|---|---|
# | detrás de cada capa oculta | **sí** | ahí es donde se forman las alianzas; tasas de 0,2 a 0,5 |
# | detrás de la salida | no | la respuesta sería 0 o el doble, al azar: una probabilidad de 1,6 |
# | solo delante de la primera capa | no aquí | borra palabras de la reseña, no neuronas; las ocultas siguen aliándose |
# | solo detrás de una oculta | a medias | la otra sigue memorizando |
#
# La tasa es un hiperparámetro: demasiado baja no cura, demasiado alta no deja aprender. Se elige con los datos de
# validación, como en el cuaderno 08.

# %% [markdown] lang="en"
# Where does it go?
#
# | place | yes? | why |
# |---|---|---|
# | behind each hidden layer | **yes** | that is where the alliances form; rates from 0.2 to 0.5 |
# | behind the output | no | the answer would be 0 or doubled, at random: a probability of 1.6 |
# | only in front of the first layer | not here | it deletes words of the review, not neurons; the hidden ones still ally |
# | only behind one hidden layer | by halves | the other one goes on memorising |
#
# The rate is a hyperparameter: too low does not cure, too high does not let the network learn. It is chosen on the
# validation data, as in notebook 08.

# %% [markdown] lang="es"
# ### Tarea 2 · `build_dropout_model(dimension=10000, rate=0.5)` — 3 puntos
#
# Construye, compila y devuelve la red del cuaderno 05 con *dropout* detrás de **cada** capa oculta:
#
# - entrada de `dimension` números por muestra;
# - dos capas ocultas de **16 neuronas ReLU**, cada una seguida de su `Dropout` con la tasa `rate`;
# - una salida **sigmoide**, sin *dropout* detrás;
# - compilada como la original: **RMSprop**, **entropía cruzada binaria** y la **exactitud** como métrica.
#
# `Sequential` o funcional, como prefieras.

# %% [markdown] lang="en"
# ### Task 2 · `build_dropout_model(dimension=10000, rate=0.5)` — 3 points
#
# Build, compile and return the network of notebook 05 with dropout behind **each** hidden layer:
#
# - an input of `dimension` numbers per sample;
# - two hidden layers of **16 ReLU units**, each followed by its `Dropout` with the rate `rate`;
# - one **sigmoid** output, with no dropout behind it;
# - compiled like the original: **RMSprop**, **binary cross-entropy** and **accuracy** as metric.
#
# `Sequential` or functional, as you like.


# %% task="build_dropout_model" points=3
def build_dropout_model(dimension=10000, rate=0.5):
    """The 16-16-1 network on `dimension` inputs with Dropout(rate) behind each hidden layer.

    Returns a keras.Model, compiled with RMSprop, binary cross-entropy and accuracy.
    """
    ### BEGIN SOLUTION
    model = keras.Sequential(
        [
            keras.Input((dimension,)),
            keras.layers.Dense(16, activation="relu"),
            keras.layers.Dropout(rate),
            keras.layers.Dense(16, activation="relu"),
            keras.layers.Dropout(rate),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer="rmsprop", loss="binary_crossentropy", metrics=["accuracy"])
    return model
    ### END SOLUTION


# %% check="build_dropout_model"
def test_same_network(build_dropout_model):
    """es: Es la red 16-16-1 del cuaderno 05. | en: It is the 16-16-1 network of notebook 05."""
    import keras

    model = build_dropout_model(dimension=40)
    assert isinstance(model, keras.Model), T(
        es=f"La función tiene que devolver el modelo (con return); ha devuelto {type(model).__name__}.",
        en=f"The function must return the model (with return); it returned {type(model).__name__}.",
    )
    assert tuple(model.input_shape) == (None, 40), T(
        es=f"Con dimension=40 la entrada es {model.input_shape}: ¿usas dimension?",
        en=f"With dimension=40 the input is {model.input_shape}: do you use dimension?",
    )
    parts = (40 * 16 + 16, 16 * 16 + 16, 16 + 1)
    assert model.count_params() == sum(parts), T(
        es=f"Hay {model.count_params()} parámetros y deberían ser {' + '.join(map(str, parts))}: ¿16, 16 y 1 neuronas?",
        en=f"There are {model.count_params()} parameters, and {' + '.join(map(str, parts))} are due: 16, 16 and 1 units?",
    )


def test_two_dropouts(build_dropout_model):
    """es: Hay un Dropout detrás de cada capa oculta. | en: There is a Dropout behind each hidden layer."""
    from keras import layers

    kinds = [
        layer
        for layer in build_dropout_model(dimension=40, rate=0.3).layers
        if layer.count_params() or isinstance(layer, layers.Dropout)
    ]
    order = "".join("D" if isinstance(layer, layers.Dropout) else "h" for layer in kinds)
    assert "D" in order, T(es="No hay ninguna capa Dropout.", en="There is no Dropout layer.")
    assert order == "hDhDh", T(
        es=f"El orden es {order} (h: Dense, D: Dropout) y debería ser hDhDh.",
        en=f"The order is {order} (h: Dense, D: Dropout) and should be hDhDh.",
    )
    rates = [layer.rate for layer in kinds if isinstance(layer, layers.Dropout)]
    assert all(abs(rate - 0.3) < 1e-6 for rate in rates), T(
        es=f"Con rate=0.3 las capas tienen tasas {rates}: ¿usas rate?",
        en=f"With rate=0.3 the layers have rates {rates}: do you use rate?",
    )


def test_compiled_as_before(build_dropout_model):
    """es: Está compilada como la original. | en: It is compiled like the original."""
    model = build_dropout_model(dimension=40)
    assert model.compiled, T(
        es="El modelo no está compilado: llama a model.compile(...) antes de devolverlo.",
        en="The model is not compiled: call model.compile(...) before you return it.",
    )
    settings = model.get_compile_config()
    loss = str(settings.get("loss")).lower().replace("_", "")
    assert "binarycrossentropy" in loss or "bce" in loss, T(
        es="La pérdida debería ser la entropía cruzada binaria.", en="The loss should be binary cross-entropy."
    )
    assert "rmsprop" in type(model.optimizer).__name__.lower(), T(
        es=f"El optimizador es {type(model.optimizer).__name__}; para comparar hace falta el mismo, RMSprop.",
        en=f"The optimizer is {type(model.optimizer).__name__}; a comparison needs the same one, RMSprop.",
    )
    assert "acc" in str(settings.get("metrics")).lower(), T(
        es="No veo la exactitud entre las métricas: añade metrics=[...] a compile.",
        en="Accuracy is not among the metrics: add metrics=[...] to compile.",
    )


# %% [markdown] lang="es"
# Y ahora, el tratamiento: los mismos datos, las mismas 20 épocas, el mismo lote de 512.

# %% [markdown] lang="en"
# And now the treatment: the same data, the same 20 epochs, the same batch of 512.

# %% role="demo"
keras.utils.set_random_seed(1)
dropout_model = build_dropout_model()
dropout_history = dropout_model.fit(
    x_train, y_train, validation_data=(x_val, y_val), batch_size=512, epochs=EPOCHS, verbose=0
)

# Both losses of the last epoch again, this time with dropout off for both.
loss_at_rest = dropout_model.evaluate(x_train, y_train, batch_size=512, verbose=0)[0]
print(
    T(es="pérdida de entrenamiento según fit (dropout encendido):", en="training loss according to fit (dropout on):"),
    f"{curve(dropout_history, 'loss')[-1]:.3f}",
)
print(
    T(es="la misma según evaluate (dropout apagado):         ", en="the same according to evaluate (dropout off):"),
    f"{loss_at_rest:.3f}",
)

# %% role="demo"
figure, ax = plt.subplots(figsize=(8, 4.4), layout="constrained")
epochs = np.arange(1, EPOCHS + 1)
for history, colour, marker, name in (
    (baseline_history, ORANGE, "o", T(es="sin dropout", en="without dropout")),
    (dropout_history, BLUE, "s", T(es="con dropout", en="with dropout")),
):
    ax.plot(
        epochs,
        curve(history, "val_loss"),
        color=colour,
        marker=marker,
        markersize=4,
        label=T(es="validación, ", en="validation, ") + name,
    )
    ax.plot(
        epochs,
        curve(history, "loss"),
        color=colour,
        linestyle=":",
        linewidth=1.8,
        label=T(es="entrenamiento, ", en="training, ") + name,
    )
ax.set(xlabel=T(es="época", en="epoch"), ylabel=T(es="pérdida", en="loss"), xticks=[1, 5, 10, 15, 20], ylim=(0, None))
ax.set_title(T(es="La misma red, con y sin dropout", en="The same network, with and without dropout"))
ax.grid(alpha=0.3)
ax.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
plt.show()

# %% [markdown] lang="es"
# **Figura 2.** *Pérdida por época. Sin dropout (naranja, círculos), la curva de validación baja deprisa, toca fondo y
# vuelve a subir, mientras la de entrenamiento (punteada) se acerca a cero. Con dropout (azul, cuadrados), la de
# validación baja más despacio y aguanta abajo más tiempo; la de entrenamiento (punteada) se queda muy por encima de la
# naranja.*
#
# Tres cosas que leer aquí:
#
# - **No hay milagro.** Los mínimos de las dos curvas de validación no quedan lejos uno del otro. Lo que cambia es lo que
#   pasa después: con *dropout*, entrenar de más hace menos daño.
# - **Aprender cuesta más épocas**, porque en cada paso solo trabaja media red.
# - **La pérdida de entrenamiento sale inflada**: `fit` la mide con el *dropout* encendido y la de validación, con el
#   *dropout* apagado. Por eso puede quedar por encima de la de validación en las primeras épocas sin que nada vaya mal.
#   Con `evaluate`, en igualdad de condiciones, es mucho menor (mira lo impreso). No pasa así con L2: Keras suma la
#   penalización a las dos.

# %% [markdown] lang="en"
# **Figure 2.** *Loss per epoch. Without dropout (orange, circles) the validation curve falls fast, touches bottom and
# rises again, while the training curve (dotted) approaches zero. With dropout (blue, squares) the validation curve
# falls more slowly and stays low for longer; the training curve (dotted) remains far above the orange one.*
#
# Three things to read here:
#
# - **No miracle.** The lowest points of the two validation curves are not far apart. What changes is what comes
#   after: with dropout, training for too long does less harm.
# - **Learning takes more epochs**, since only half the network works at each step.
# - **The training loss comes out inflated**: `fit` measures it with dropout on, and the validation loss with dropout
#   off. That is why it can lie above the validation loss in the first epochs with nothing wrong. With `evaluate`, under
#   equal conditions, it is much lower (see the printed lines). With L2 it is not so: Keras adds the penalty to both.

# %% [markdown] lang="es"
# ## 4. ¿Ha ayudado?
#
# Hay que decidir **con qué número** se compara, y decidirlo antes de mirar. No con la pérdida de entrenamiento, que la
# gana siempre quien memoriza y que, además, aquí no se mide igual en las dos redes. Tampoco con la mejor época de cada
# una: a ese mínimo solo se llega si alguien detuvo el entrenamiento a tiempo (cuaderno 05). Preguntamos otra cosa:
# **tras el mismo número de épocas, ¿qué red responde mejor a reseñas nuevas?** La respuesta está en la **última**
# pérdida de **validación**.
#
# ### Tarea 3 · `compare(baseline_history, dropout_history)` — 2 puntos
#
# Devuelve un diccionario con
#
# - `"baseline"` y `"dropout"`: la última `val_loss` de cada entrenamiento;
# - `"improved"`: `True` si la de *dropout* es **menor**, `False` si no (un empate no es mejora).
#
# Cada argumento puede ser el `History` que devuelve `fit` o directamente su diccionario, el de `history.history`.

# %% [markdown] lang="en"
# ## 4. Has it helped?
#
# We have to decide **by which number** to compare, and decide before we look. Not by the training loss: whoever
# memorises always wins that one, and besides it is not measured alike in the two networks. Nor by the best epoch of
# each: that minimum is reached only if somebody stopped the training in time (notebook 05). We ask something else:
# **after the same number of epochs, which network answers better on new reviews?** The answer is in the **last**
# **validation** loss.
#
# ### Task 3 · `compare(baseline_history, dropout_history)` — 2 points
#
# Return a dictionary with
#
# - `"baseline"` and `"dropout"`: the last `val_loss` of each training;
# - `"improved"`: `True` if that of dropout is **lower**, else `False` (a tie is no improvement).
#
# Each argument may be the `History` that `fit` returns or its dictionary itself, that of `history.history`.


# %% task="compare" points=2
def compare(baseline_history, dropout_history):
    """The last validation loss of two trainings, and whether dropout improved it.

    Each history: a keras.callbacks.History or its dictionary. Returns {"baseline": float, "dropout": float,
    "improved": bool}; a tie is no improvement.
    """
    ### BEGIN SOLUTION
    last = []
    for history in (baseline_history, dropout_history):
        curves = getattr(history, "history", history)
        last.append(float(curves["val_loss"][-1]))
    return {"baseline": last[0], "dropout": last[1], "improved": last[1] < last[0]}
    ### END SOLUTION


# %% check="compare"
def test_three_keys(compare):
    """es: Un diccionario con las tres claves. | en: A dictionary with the three keys."""
    got = compare({"loss": [0.5, 0.1], "val_loss": [0.4, 0.6]}, {"loss": [0.6, 0.4], "val_loss": [0.5, 0.3]})
    assert isinstance(got, dict), T(
        es=f"Se pide un diccionario y ha llegado {type(got).__name__}.",
        en=f"A dict is asked for, got {type(got).__name__}.",
    )
    missing = {"baseline", "dropout", "improved"} - set(got)
    assert not missing, T(es=f"Faltan claves: {sorted(missing)}.", en=f"Keys are missing: {sorted(missing)}.")
    assert type(got["improved"]).__name__ in ("bool", "bool_"), T(
        es=f"improved tiene que ser True o False, no {got['improved']!r}.",
        en=f"improved has to be True or False, not {got['improved']!r}.",
    )


def test_last_validation(compare):
    """es: Compara la última pérdida de validación. | en: It compares the last validation loss."""
    got = compare({"loss": [0.5, 0.1], "val_loss": [0.4, 0.6]}, {"loss": [0.6, 0.4], "val_loss": [0.5, 0.3]})
    pair = (got["baseline"], got["dropout"])
    reasons = {
        (0.4, 0.3): T(
            es="esa es la mejor época, se pide la última", en="that is the best epoch, the last is asked for"
        ),
        (0.1, 0.4): T(es="esa es la pérdida de entrenamiento", en="that is the training loss"),
        (0.3, 0.6): T(es="están cambiadas", en="they are swapped"),
    }
    assert pair == (0.6, 0.3), T(
        es=f"Se esperaba (0.6, 0.3) y salió {pair}: {reasons.get(pair, 'mira qué lista y qué época lees')}.",
        en=f"Expected (0.6, 0.3), got {pair}: {reasons.get(pair, 'look at which list and which epoch you read')}.",
    )
    assert got["improved"], T(
        es="Aquí 0.3 es menor que 0.6: dropout mejora.", en="Here 0.3 is lower than 0.6: dropout improves."
    )


def test_tie(compare):
    """es: Un empate no es mejora. | en: A tie is no improvement."""
    got = compare({"val_loss": [0.7, 0.5]}, {"val_loss": [0.6, 0.5]})
    assert not got["improved"], T(
        es="Las dos terminan en 0.5 y dices que hay mejora.",
        en="Both end at 0.5 and you say that there is improvement.",
    )


# %% role="demo"
print(compare(baseline_history, dropout_history))
for name, history in (
    (T(es="sin dropout", en="without dropout"), baseline_history),
    (T(es="con dropout", en="with dropout"), dropout_history),
):
    losses = curve(history, "val_loss")
    print(
        f"{name}:",
        T(es="mínimo", en="minimum"),
        f"{losses.min():.3f}",
        T(es="en la época", en="at epoch"),
        losses.argmin() + 1,
    )

# %% [markdown] lang="es"
# Una sola pareja de entrenamientos es **un** sorteo: con otra semilla, las pérdidas cambian en la segunda cifra. Antes
# de afirmar que un remedio cura habría que repetir con varias semillas y mirar si la diferencia sobrevive. Prueba a
# cambiar las dos llamadas a `set_random_seed` y vuelve a ejecutar.

# %% [markdown] lang="en"
# A single pair of trainings is **one** draw: with another seed the losses change in the second digit. Before claiming
# that a remedy cures, one would have to repeat it with several seeds and see whether the difference survives. Try
# changing both calls of `set_random_seed` and run again.

# %% [markdown] lang="es"
# ## 5. Un conjunto de redes, y cuánto discuten
#
# Cada máscara deja una red **más delgada**. Con dos capas ocultas de 16 neuronas hay $2^{32}\approx 4300$ millones de
# redes delgadas, y todas comparten los mismos pesos; cada muestra entrena una distinta, y casi ninguna se entrena dos
# veces. Promediar las respuestas de muchos modelos (un *ensemble*) es una de las pocas recetas que casi siempre
# funcionan; aquí sale gratis. La predicción normal, con todas las neuronas encendidas, es una **aproximación** barata
# de ese promedio: una sola pasada en lugar de miles de millones. Solo aproximada, porque la media de muchas sigmoides no
# es la sigmoide de la media.
#
# También se puede tomar el promedio al pie de la letra: hacer varias pasadas **con el dropout encendido** y calcular
# su media y su **dispersión**. Es el *Monte Carlo dropout* (Gal y Ghahramani, 2016). Si las redes delgadas opinan lo
# mismo de una reseña, la dispersión es pequeña; si discuten, es grande: la red **duda**. Para la pasada $s$ de $S$,
# con predicción $p_s$:
#
# $$\bar p=\frac1S\sum_{s=1}^{S}p_s,\qquad\qquad \operatorname{std}=\sqrt{\frac1S\sum_{s=1}^{S}(p_s-\bar p)^2}.$$
#
# `model.predict` no sirve: apaga el *dropout* y repite veinte veces el mismo número (dispersión 0). Pero un modelo,
# como una capa, se puede **llamar**, y ya has visto en la sección 3 qué se le dice a una capa para que crea que se está
# entrenando. Lo que devuelve es un tensor de forma `(n, 1)`.
#
# ### Tarea 4 · `monte_carlo_predict(model, x, samples=20)` — 2 puntos
#
# Haz `samples` pasadas de `x`, de forma `(n, d)`, por `model` con el *dropout* encendido y devuelve `(mean, std)`: la
# media y la desviación típica **de cada muestra a lo largo de las pasadas**, dos arrays de forma `(n,)`. Vale la
# desviación con $S$ o con $S-1$ en el denominador.

# %% [markdown] lang="en"
# ## 5. A crowd of networks, and how much they argue
#
# Every mask leaves a **thinner** network. With two hidden layers of 16 neurons there are $2^{32}\approx 4.3$ billion
# thin networks, and all share the same weights; each sample trains a different one, and hardly any is trained twice.
# Averaging the answers of many models (an *ensemble*) is one of the few recipes that nearly always work; here it
# comes for free. The usual prediction, with all neurons on, is a cheap **approximation** of that average: one single
# pass in place of billions. Only approximate, because the mean of many sigmoids is not the sigmoid of the mean.
#
# One can also take the average at its word: make several passes **with dropout on** and compute their mean and their
# **spread**. That is Monte Carlo dropout (Gal and Ghahramani, 2016). If the thin networks think alike about a review,
# the spread is small; if they argue, it is large: the network **doubts**. For pass $s$ of $S$, with prediction $p_s$:
#
# $$\bar p=\frac1S\sum_{s=1}^{S}p_s,\qquad\qquad \operatorname{std}=\sqrt{\frac1S\sum_{s=1}^{S}(p_s-\bar p)^2}.$$
#
# `model.predict` will not do: it turns dropout off and repeats the same number twenty times (spread 0). But a model,
# like a layer, can be **called**, and in section 3 you saw what to tell a layer so that it believes it is being
# trained. What comes back is a tensor of shape `(n, 1)`.
#
# ### Task 4 · `monte_carlo_predict(model, x, samples=20)` — 2 points
#
# Make `samples` passes of `x`, of shape `(n, d)`, through `model` with dropout on and return `(mean, std)`: the mean
# and the standard deviation **of each sample over the passes**, two arrays of shape `(n,)`. The deviation with $S$ or
# with $S-1$ in the denominator, as you like.


# %% task="monte_carlo_predict" points=2
def monte_carlo_predict(model, x, samples=20):
    """Mean and standard deviation of `samples` predictions for `x`, (n, d), made with dropout active.

    Returns (mean, std), each an array of shape (n,).
    """
    ### BEGIN SOLUTION
    x = np.asarray(x)
    passes = np.stack([np.asarray(model(x, training=True))[:, 0] for _ in range(samples)])
    return passes.mean(axis=0), passes.std(axis=0)
    ### END SOLUTION


# %% check="monte_carlo_predict"
def test_two_vectors(monte_carlo_predict):
    """es: Devuelve dos vectores (n,). | en: It returns two vectors (n,)."""
    import keras
    import numpy as np

    tiny = keras.Sequential([keras.Input((5,)), keras.layers.Dropout(0.5), keras.layers.Dense(1, "sigmoid")])
    for n in (7, 1):
        got = monte_carlo_predict(tiny, np.ones((n, 5), dtype="float32"), samples=10)
        assert len(got if got is not None else ()) == 2, T(
            es="Se piden dos cosas: (mean, std).", en="Two things are asked for: (mean, std)."
        )
        for name, values in zip(("mean", "std"), got, strict=True):
            assert np.shape(values) == (n,), T(
                es=f"Con {n} muestras, {name} tiene forma {np.shape(values)} y debería ser ({n},).",
                en=f"With {n} samples, {name} has shape {np.shape(values)} and should be ({n},).",
            )


def test_dropout_is_on(monte_carlo_predict):
    """es: Las pasadas se hacen con el dropout encendido. | en: The passes are made with dropout on."""
    import keras
    import numpy as np

    tiny = keras.Sequential([keras.Input((5,)), keras.layers.Dropout(0.5), keras.layers.Dense(1, "sigmoid")])
    tiny.set_weights([np.full((5, 1), 1.0), np.full(1, -5.0)])
    mean, std = (np.asarray(part) for part in monte_carlo_predict(tiny, np.ones((6, 5), dtype="float32"), samples=200))
    assert np.all(std > 1e-4), T(
        es="La dispersión es 0: las pasadas salen iguales. ¿Cómo se le dice al modelo que está entrenando?",
        en="The spread is 0: all passes are equal. How is the model told that it is training?",
    )
    assert max(np.abs(mean - 0.5).max(), np.abs(std - 0.33).max()) < 0.15, T(
        es=f"Se esperaba una media cerca de 0.5 y una desviación cerca de 0.33; salió {mean.round(2)} y {std.round(2)}.",
        en=f"A mean near 0.5 and a deviation near 0.33 were expected, got {mean.round(2)} and {std.round(2)}.",
    )


# %% role="demo"
asked, truth = x_val[:1000], y_val[:1000]
keras.utils.set_random_seed(2)
mean, std = monte_carlo_predict(dropout_model, asked, samples=50)
at_once = dropout_model.predict(asked, batch_size=512, verbose=0).ravel()
right = (mean > 0.5) == (truth > 0.5)
quarters = np.array_split(np.argsort(std), 4)
hits = [right[quarter].mean() for quarter in quarters]
print(
    T(es="diferencia media con la predicción normal:", en="mean difference from the usual prediction:"),
    f"{np.abs(mean - at_once).mean():.3f}",
)

shown = np.argsort(mean)[np.linspace(0, len(mean) - 1, 40).astype(int)]
figure, (left, right_side) = plt.subplots(1, 2, figsize=(11.5, 4.4), width_ratios=[3, 2], layout="constrained")
for label, colour, marker, name in (
    (1, BLUE, "o", T(es="positiva", en="positive")),
    (0, ORANGE, "s", T(es="negativa", en="negative")),
):
    chosen = np.flatnonzero(truth[shown] == label)
    left.errorbar(
        chosen,
        mean[shown][chosen],
        yerr=std[shown][chosen],
        fmt=marker,
        color=colour,
        markersize=5,
        capsize=2,
        label=name,
    )
left.axhline(0.5, color=GREY, linestyle="--", linewidth=1)
left.set(
    xlabel=T(es="40 reseñas de validación, por orden de su media", en="40 validation reviews, in order of their mean"),
    xticks=[],
)
left.set(ylabel=T(es="predicción: media ± desviación", en="prediction: mean ± deviation"), ylim=(-0.15, 1.15))
left.set_title(T(es="Cada predicción, con su duda", en="Each prediction, with its doubt"))
left.legend(title=T(es="la reseña era", en="the review was"), loc="upper left", frameon=False)

bars = right_side.bar(range(4), hits, color=BLUE, width=0.7)
right_side.bar_label(bars, fmt="%.2f")
right_side.set(
    xticks=range(4),
    xticklabels=T(es="la que menos|segunda|tercera|la que más", en="doubts least|second|third|doubts most").split("|"),
)
right_side.set(xlabel=T(es="cuarta parte de las reseñas, según su duda", en="quarter of the reviews, by doubt"))
right_side.set(ylabel=T(es="fracción de aciertos", en="share of right answers"), ylim=(0, 1.1))
right_side.set_title(T(es="¿Se equivoca donde duda?", en="Is it wrong where it doubts?"))
plt.show()

# %% [markdown] lang="es"
# **Figura 3.** *A la izquierda, 40 reseñas de validación ordenadas por su predicción media: cada punto lleva una barra
# vertical de una desviación arriba y otra abajo; los círculos azules eran positivas y los cuadrados naranjas,
# negativas; la línea discontinua es el umbral 0,5. En general, cuanto más cerca de 0 o de 1 está la media, más corta es
# la barra. A la derecha, la fracción de aciertos de cada cuarta parte de las reseñas, de la que menos duda a la que más.*
#
# Si la barra de la derecha del todo es la más baja, la duda sirve: se puede mandar a una persona las reseñas en que la
# red duda y dejar que decida sola en las demás. Léelo con cautela: la dispersión depende de la tasa elegida, mide lo
# que discuten **estas** redes y no es una probabilidad de acertar. Y ante algo que no se parezca a ninguna reseña, la
# red puede equivocarse sin dudar nada.

# %% [markdown] lang="en"
# **Figure 3.** *On the left, 40 validation reviews in order of their mean prediction: each point carries a vertical
# bar of one deviation up and one down; the blue circles were positive and the orange squares negative; the dashed
# line is the threshold 0.5. In general, the nearer the mean is to 0 or 1, the shorter the bar. On the right, the share
# of right answers in each quarter of the reviews, from the one that doubts least to the one that doubts most.*
#
# If the bar on the far right is the lowest, doubt is of use: the reviews on which the network doubts can be sent to a
# person, and it may decide on the rest by itself. Read it with care: the spread depends on the rate you chose, it
# measures how much **these** networks argue, and it is no probability of being right. And faced with something unlike
# any review, the network can be wrong without a doubt.

# %% [markdown] lang="es"
# ## Resumen
#
# Ahora sabes:
#
# - que *dropout* apaga **activaciones** al azar, con probabilidad $p$, por separado en cada muestra, y multiplica las
#   demás por $1/(1-p)$ para que la media se conserve; los pesos no se tocan;
# - programarlo con un generador propio, sin modificar lo recibido, y por qué $p=1$ no tiene sentido;
# - que actúa al **entrenar** y no al **predecir**, y que por eso la pérdida de entrenamiento de `fit` sale inflada;
# - que en Keras es una **capa**, `Dropout(rate)`, detrás de cada capa oculta y nunca detrás de la salida;
# - comparar dos entrenamientos por su **última pérdida de validación**, y no fiarte de un solo sorteo;
# - que una red con *dropout* es un promedio de muchísimas redes que comparten pesos;
# - medir la duda de la red con varias pasadas y el *dropout* encendido (*Monte Carlo dropout*).
#
# **Para ir más lejos:** «Improving neural networks by preventing co-adaptation of feature detectors», de Hinton y otros
# (2012), y «Dropout: A Simple Way to Prevent Neural Networks from Overfitting», de Srivastava y otros (2014);
# «Regularization of Neural Networks using DropConnect», de Wan y otros (2013), que sí apaga pesos; «Dropout as a
# Bayesian Approximation», de Gal y Ghahramani (2016); `SpatialDropout2D` y `GaussianDropout` en la documentación de
# Keras; y el capítulo 7 de *Deep Learning*, de Goodfellow, Bengio y Courville (2016).

# %% [markdown] lang="en"
# ## Recap
#
# You now know:
#
# - that dropout switches off **activations** at random, with probability $p$, separately for each sample, and
#   multiplies the others by $1/(1-p)$ so that the mean is kept; the weights are left alone;
# - how to program it with a generator that is handed in, without modifying what you receive, and why $p=1$ makes no
#   sense;
# - that it acts in **training** and not in **prediction**, and that this is why the training loss of `fit` comes out
#   inflated;
# - that in Keras it is a **layer**, `Dropout(rate)`, behind each hidden layer and never behind the output;
# - how to compare two trainings by their **last validation loss**, and not to trust a single draw;
# - that a network with dropout is an average of a vast number of networks that share weights;
# - how to measure the network's doubt with several passes and dropout on (Monte Carlo dropout).
#
# **To go further:** "Improving neural networks by preventing co-adaptation of feature detectors" by Hinton et al.
# (2012) and "Dropout: A Simple Way to Prevent Neural Networks from Overfitting" by Srivastava et al. (2014);
# "Regularization of Neural Networks using DropConnect" by Wan et al. (2013), which does switch off weights; "Dropout as
# a Bayesian Approximation" by Gal and Ghahramani (2016); `SpatialDropout2D` and `GaussianDropout` in the Keras
# documentation; and chapter 7 of *Deep Learning* by Goodfellow, Bengio and Courville (2016).
