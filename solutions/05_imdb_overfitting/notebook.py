# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown] lang="es"
# # IMDB: cuando aprender se convierte en memorizar
#
# **Objetivos.** Al terminar sabrás:
#
# - convertir textos de longitud desigual en una tabla de números que una red entiende;
# - repartir los datos en entrenamiento, validación y prueba, y decir para qué sirve cada parte;
# - distinguir lote, iteración y época, y contarlas;
# - reconocer el sobreajuste en las curvas de pérdida y de exactitud, y medirlo;
# - parar a tiempo según la pérdida de **validación** y recuperar los mejores pesos;
# - regularizar con L1, con L2 o con ambas, y decir qué pesos se penalizan y en qué pérdidas aparece la penalización;
# - usar los datos de prueba como es debido: una sola vez, al final.
#
# **Requisitos previos:** los cuadernos 01 a 04 (sobre todo el 04: construir, compilar y entrenar en Keras).
#
# **Tiempo:** unos 90 minutos. El cuaderno resuelto se ejecuta entero en menos de un minuto (con las 50 000 reseñas
# reales puede tardar algo más).

# %% [markdown] lang="en"
# # IMDB: when learning turns into memorising
#
# **Aims.** By the end you will be able to:
#
# - turn texts of unequal length into a table of numbers that a network understands;
# - split data into training, validation and test, and say what each part is for;
# - tell batch, iteration and epoch apart, and count them;
# - recognise overfitting in the curves of loss and accuracy, and measure it;
# - stop in time by the **validation** loss and bring back the best weights;
# - regularise with L1, with L2 or with both, and say which weights are penalised and in which losses the penalty shows;
# - use the test data as they should be used: once, at the end.
#
# **Prerequisites:** notebooks 01 to 04 (04 above all: building, compiling and training in Keras).
#
# **Time:** about 90 minutes. The solved notebook runs from top to bottom in under a minute (with the 50,000 real
# reviews it may take somewhat longer).

# %% role="setup"
import keras
import matplotlib.pyplot as plt
import numpy as np

BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#555555"
DIMENSION = 10_000


def measured(history):
    """The curves of a History as (loss, val_loss, accuracy, val_accuracy), whatever the accuracy is called."""
    keys = [key for key in history.history if not key.startswith("val_")]
    metric = next(key for key in keys if "acc" in key)
    return [np.array(history.history[key]) for key in ("loss", "val_loss", metric, f"val_{metric}")]


def number_epochs(ax, last):
    ax.set_xticks([1, *range(5, last + 1, 5)])


def draw_curves(axes, history):
    """Loss on the first axes and accuracy on the second, by epoch: training solid, validation dashed."""
    loss, val_loss, accuracy, val_accuracy = measured(history)
    epochs = np.arange(1, len(loss) + 1)
    names = (T(es="pérdida", en="loss"), T(es="exactitud", en="accuracy"))
    for ax, name, training, validation in zip(axes, names, (loss, accuracy), (val_loss, val_accuracy), strict=True):
        ax.plot(epochs, training, "o-", color=BLUE, markersize=4, label=T(es="entrenamiento", en="training"))
        ax.plot(epochs, validation, "s--", color=ORANGE, markersize=4, label=T(es="validación", en="validation"))
        ax.set(xlabel=T(es="época", en="epoch"), ylabel=name)
        number_epochs(ax, len(loss))
        ax.grid(alpha=0.3)
    axes[0].set_ylim(0, None)


def cross_entropy(labels, p):
    """Mean binary cross-entropy of probabilities `p` (n, 1), computed without Keras."""
    p = np.clip(np.asarray(p, dtype="float64").ravel(), 1e-7, 1 - 1e-7)
    return float(-np.mean(labels * np.log(p) + (1 - labels) * np.log(1 - p)))


def fraction_right(labels, p):
    return float(np.mean((np.asarray(p).ravel() > 0.5) == (labels > 0.5)))


# Keras downloads the reviews once and keeps them; where nothing can be downloaded, the course brings a small corpus.
try:
    (x_train, y_train), (x_test, y_test) = keras.datasets.imdb.load_data(num_words=DIMENSION)
except Exception:
    try:
        from autograder.data import imdb

        (x_train, y_train), (x_test, y_test) = imdb.load_data(num_words=DIMENSION)
    except Exception as error:
        raise RuntimeError(
            T(
                es="No hay reseñas: conéctate a internet para que Keras las descargue, o instala el paquete del curso.",
                en="There are no reviews: connect to the internet so that Keras downloads them, or install the course's package.",
            )
        ) from error

# %% [markdown] lang="es"
# ## 1. Un alumno con muy buena memoria
#
# Un alumno se aprende de memoria las soluciones de todos los exámenes de otros años. Si el examen repite una
# pregunta, saca un diez; si la pregunta es nueva, está perdido. No ha aprendido la materia: ha **memorizado**.
#
# A una red le pasa lo mismo. La de este cuaderno lee críticas de cine de IMDB y dice si son favorables (1) o
# desfavorables (0). Con las reseñas reales, tras 20 épocas acierta **más del 99 %** de las reseñas con las que se
# entrenó y solo **alrededor del 87 %** de las que no ha visto nunca. Y lo más curioso: a las 4 o 5 épocas acertaba
# **más** de las nuevas, cerca del 89 %. Seguir entrenando la empeoró.
#
# A eso se le llama **sobreajuste** (*overfitting*). En este cuaderno lo vas a provocar, a medir y a combatir de dos
# maneras: parando a tiempo y regularizando. (El *dropout*, la tercera, es el cuaderno 06.) El remedio que más
# ayuda no necesita código: **más datos**. Cuantas más reseñas distintas hay, menos sale a cuenta memorizarlas.

# %% [markdown] lang="en"
# ## 1. A student with a very good memory
#
# A student learns the answers to all the exams of past years by heart. If the exam repeats a question, it is full
# marks; if the question is new, the student is lost. The subject has not been learnt: it has been **memorised**.
#
# The same happens to a network. The one in this notebook reads film reviews from IMDB and says whether they are
# favourable (1) or unfavourable (0). On the real reviews, after 20 epochs it gets **more than 99 %** of the reviews
# right that it was trained on, and only **about 87 %** of those it has never seen. And, oddest of all, after 4 or 5
# epochs it got **more** of the new ones right, close to 89 %. Training on made it worse.
#
# That is called **overfitting**. In this notebook you will cause it, measure it and fight it in two ways: by stopping
# in time and by regularising. (Dropout, the third way, is notebook 06.) The remedy that helps most takes no code:
# **more data**. The more different reviews there are, the less it pays to memorise them.

# %% [markdown] lang="es"
# ## 2. De palabras a números
#
# Keras entrega cada reseña como una **lista de enteros**, uno por palabra, en orden. Los números siguen la
# frecuencia: cuanto más corriente es la palabra, más bajo es su número. Los tres primeros están reservados: 0 es
# relleno, 1 marca el comienzo de la reseña y 2 ocupa el lugar de las palabras que se han dejado fuera. Por eso el
# número de una palabra es su puesto en la lista de frecuencias **más 3**.
#
# Con `num_words=10_000` se conservan las palabras corrientes: todas las que tienen un número menor que 10 000. Una
# palabra que sale en dos reseñas de veinticinco mil no enseña nada general, pero sí ayuda a reconocer esas dos
# reseñas, o sea, a memorizar.
#
# Si en la celda de abajo no salen 25 000 reseñas, estás trabajando con el corpus pequeño del curso, que un programa
# genera con la forma de las reseñas reales y con palabras en su mayoría inventadas. Todo lo que sigue vale con los
# dos; las cifras de las reseñas reales que citamos las verás solo con ellas.

# %% [markdown] lang="en"
# ## 2. From words to numbers
#
# Keras hands over each review as a **list of integers**, one per word, in order. The numbers go by frequency: the
# commoner the word, the lower its number. The first three are reserved: 0 is padding, 1 marks the start of the
# review, and 2 stands for words that were left out. So the number of a word is its place in the list of frequencies
# **plus 3**.
#
# With `num_words=10_000` the common words are kept: all those whose number is below 10,000. A word that occurs in two
# reviews out of twenty-five thousand teaches nothing general, but it does help to recognise those two reviews, that
# is, to memorise.
#
# If the cell below does not report 25,000 reviews, you are working with the course's small corpus, which a program
# generates in the form of the real reviews and mostly with made-up words. All that follows holds for both; the
# numbers that we quote for the real reviews you will see only with those.

# %% role="demo"
try:
    ranks = keras.datasets.imdb.get_word_index()
except Exception:
    ranks = imdb.get_word_index() if "imdb" in globals() else {}  # without words the numbers will have to do
vocabulary = {rank + 3: word for word, rank in ranks.items()}

lengths = np.array([len(review) for review in x_train])
print(
    len(x_train),
    T(es="reseñas para aprender y", en="reviews to learn from and"),
    len(x_test),
    T(es="de prueba", en="to test"),
)
print(T(es="favorables:", en="favourable:"), f"{np.mean(y_train):.0%}")
print(
    T(es="palabras por reseña: mediana", en="words per review: median"),
    int(np.median(lengths)),
    T(es="máximo", en="maximum"),
    lengths.max(),
)
print()
print(T(es="La primera empieza así:", en="The first one starts like this:"), x_train[0][:12])
if vocabulary:
    print(" ".join(vocabulary.get(number, "·") for number in x_train[0][:25]), "…")

# %% [markdown] lang="es"
# Una capa `Dense` pide siempre el mismo número de entradas, y estas listas tienen longitudes distintas. La solución
# de la clase: una fila de 10 000 casillas por reseña, con un **1** en la casilla de cada palabra que aparece y un
# **0** en las demás. Se llama codificación ***multi-hot***. La reseña $[3, 5]$, con 8 casillas, queda así:
#
# $$[3,\ 5] \;\longrightarrow\; (0,\ 0,\ 0,\ 1,\ 0,\ 1,\ 0,\ 0)$$
#
# Con esto se pierden el orden y las repeticiones: $[3, 5]$, $[5, 3]$ y $[5, 3, 5, 5]$ dan la misma fila. Parece mucho
# perder, y aun así basta para acertar casi nueve de cada diez reseñas reales.
#
# ### Tarea 1 · `vectorize_sequences(sequences, dimension=10000)` — 2 puntos
#
# Devuelve un array `(n, dimension)` de tipo **`float32`** con una fila por lista:
#
# - 1 en las columnas cuyo índice está en la lista, **aunque se repita**, y 0 en las demás;
# - la columna 0 es la del índice 0: aquí nada se desplaza;
# - los índices iguales o mayores que `dimension` no tienen casilla: **se ignoran**, sin error;
# - una lista vacía da una fila de ceros.
#
# `sequences` puede ser una lista de listas o el array de listas que da Keras.

# %% [markdown] lang="en"
# A `Dense` layer always asks for the same number of inputs, and these lists differ in length. The lecture's solution:
# a row of 10,000 slots per review, with a **1** in the slot of every word that occurs and a **0** in the others. This
# is called ***multi-hot*** encoding. The review $[3, 5]$, with 8 slots, becomes
#
# $$[3,\ 5] \;\longrightarrow\; (0,\ 0,\ 0,\ 1,\ 0,\ 1,\ 0,\ 0)$$
#
# Order and repetitions are lost: $[3, 5]$, $[5, 3]$ and $[5, 3, 5, 5]$ give the same row. It looks like a great deal
# to lose, and still it is enough to get almost nine out of ten real reviews right.
#
# ### Task 1 · `vectorize_sequences(sequences, dimension=10000)` — 2 points
#
# Return an array `(n, dimension)` of type **`float32`** with one row per list:
#
# - 1 in the columns whose index is in the list, **even if it is repeated**, and 0 in the others;
# - column 0 belongs to index 0: nothing is shifted here;
# - indices equal to or above `dimension` have no slot: **they are ignored**, without an error;
# - an empty list gives a row of zeros.
#
# `sequences` may be a list of lists or the array of lists that Keras gives.


# %% task="vectorize_sequences" points=2
def vectorize_sequences(sequences, dimension=10000):
    """Multi-hot rows: 1 where the index occurs in the sequence, 0 elsewhere.

    sequences: lists of non-negative integers; those at or beyond `dimension` are ignored.
    Returns a float32 array of shape (n, dimension).
    """
    ### BEGIN SOLUTION
    rows = np.zeros((len(sequences), dimension), dtype="float32")
    for row, sequence in zip(rows, sequences, strict=True):
        indices = np.asarray(sequence, dtype=int)
        row[indices[indices < dimension]] = 1
    return rows
    ### END SOLUTION


# %% check="vectorize_sequences"
def test_two_short_reviews(vectorize_sequences):
    """es: Dos reseñas cortas quedan bien codificadas. | en: Two short reviews are encoded properly."""
    import numpy as np

    got = np.asarray(vectorize_sequences([[3, 5], [0, 4, 5, 5]], dimension=8))
    assert got.shape == (2, 8), T(
        es=f"Con 2 listas y dimension=8 la forma es {got.shape} y debería ser (2, 8).",
        en=f"With 2 lists and dimension=8 the shape is {got.shape} and should be (2, 8).",
    )
    assert got.max() == 1, T(
        es=f"Hay un {got.max()}: una palabra repetida sigue valiendo 1. No cuentes apariciones.",
        en=f"There is a {got.max()}: a repeated word still counts 1. Do not count occurrences.",
    )
    for row, words in ((0, [3, 5]), (1, [0, 4, 5])):
        marked = np.flatnonzero(got[row]).tolist()
        assert marked == words, T(
            es=f"En la fila {row} están marcadas las columnas {marked} y deberían ser {words}.",
            en=f"In row {row} the columns {marked} are marked and should be {words}.",
        )


def test_words_without_a_slot(vectorize_sequences):
    """es: Los índices sin casilla se ignoran. | en: Indices without a slot are ignored."""
    import numpy as np

    try:
        got = np.asarray(vectorize_sequences([[2, 8, 300], []], dimension=8))
    except IndexError:
        raise AssertionError(
            T(
                es="Un índice igual o mayor que dimension provoca un IndexError: sáltatelo.",
                en="An index equal to or above dimension causes an IndexError: skip it.",
            )
        ) from None
    assert got.sum() == 1, T(
        es=f"De [2, 8, 300] y [], con 8 casillas, solo se marca el 2; hay {got.sum():.0f} marcas.",
        en=f"Of [2, 8, 300] and [], with 8 slots, only the 2 is marked; there are {got.sum():.0f} marks.",
    )


def test_small_numbers(vectorize_sequences):
    """es: Es float32, con 10 000 columnas por defecto. | en: It is float32, with 10,000 columns by default."""
    import numpy as np

    got = np.asarray(vectorize_sequences([[1, 2]]))
    assert got.shape == (1, 10000), T(
        es=f"Sin dimension, la forma es {got.shape} y debería ser (1, 10000).",
        en=f"Without dimension the shape is {got.shape} and should be (1, 10000).",
    )
    assert got.dtype == np.float32, T(
        es=f"El tipo es {got.dtype} y se pide float32, que ocupa la mitad que float64: mira dtype.",
        en=f"The type is {got.dtype} and float32 is asked for, half the size of float64: look at dtype.",
    )


# %% [markdown] lang="es"
# ## 3. Tres partes: entrenamiento, validación y prueba
#
# | parte | quién la mira | para qué |
# |---|---|---|
# | **entrenamiento** | el descenso del gradiente | ajustar los pesos |
# | **validación** | tú, durante el trabajo | elegir: cuántas épocas, cuántas neuronas, cuánta regularización |
# | **prueba** (*test*) | nadie, hasta el final | estimar **una vez** cómo irá con datos nuevos |
#
# ¿Por qué no basta con dos? Porque elegir también es una forma de aprender. Si pruebas veinte redes y te quedas con
# la que más acierta en validación, parte de esa ventaja es suerte con **esos** datos: la cifra de validación de la
# elegida sale optimista. Los datos de prueba, que no han intervenido en nada, dan la cifra honrada. Quien los usa
# para decidir los convierte en un segundo conjunto de validación y se queda sin prueba.
#
# Reservamos las primeras 10 000 de las 25 000 reseñas de entrenamiento para validar, como en clase: el 40 %. Con el
# corpus pequeño, el mismo 40 %. Las de prueba no se tocan hasta la última sección.
#
# Al entrenar, los datos se reparten en **lotes** (*batches*). Una **iteración** es un lote, un gradiente, un paso del
# optimizador. Una **época** es una pasada por todos los datos de entrenamiento:
#
# $$\text{iteraciones por época} = \left\lceil \frac{\text{muestras}}{\text{tamaño del lote}} \right\rceil
# \qquad\qquad \frac{1000}{20} = 50$$
#
# Mil muestras en lotes de 20 son 50 iteraciones. Se redondea hacia arriba porque el último lote puede quedar a medias.

# %% [markdown] lang="en"
# ## 3. Three parts: training, validation and test
#
# | part | who looks at it | what for |
# |---|---|---|
# | **training** | gradient descent | fitting the weights |
# | **validation** | you, while you work | choosing: how many epochs, how many units, how much regularisation |
# | **test** | nobody, until the end | estimating **once** how it will do on new data |
#
# Why are two not enough? Because choosing is a kind of learning, too. If you try twenty networks and keep the one
# that does best on validation, part of its lead is luck with **those** data: the validation score of the chosen one
# comes out too high. The test data, which had no part in anything, give the honest one. Whoever uses them to
# decide turns them into a second validation set and is left without a test.
#
# We hold out the first 10,000 of the 25,000 training reviews for validation, as in the lecture: 40 %. With the small
# corpus, the same 40 %. The test reviews stay untouched until the last section.
#
# For training, the data are cut into **batches**. One **iteration** is one batch, one gradient, one optimizer step.
# One **epoch** is one pass over all training data:
#
# $$\text{iterations per epoch} = \left\lceil \frac{\text{samples}}{\text{batch size}} \right\rceil
# \qquad\qquad \frac{1000}{20} = 50$$
#
# A thousand samples in batches of 20 are 50 iterations. We round up because the last batch may be only partly filled.

# %% role="demo"
held_out = len(x_train) * 2 // 5
val_vectors, val_labels = vectorize_sequences(x_train[:held_out]), y_train[:held_out].astype("float32")
fit_vectors, fit_labels = vectorize_sequences(x_train[held_out:]), y_train[held_out:].astype("float32")

print(
    T(es="validación:", en="validation:"),
    val_vectors.shape,
    T(es="  entrenamiento:", en="  training:"),
    fit_vectors.shape,
)
for samples, batch in ((1000, 20), (len(fit_vectors), 512)):
    iterations = int(np.ceil(samples / batch))
    last = samples - (iterations - 1) * batch
    print(
        T(
            es=f"{samples} muestras en lotes de {batch}: {iterations} iteraciones por época; el último lote, de {last}",
            en=f"{samples} samples in batches of {batch}: {iterations} iterations per epoch; the last batch has {last}",
        )
    )

# %% [markdown] lang="es"
# ## 4. La red de partida
#
# La red de la clase es pequeña en capas y grande en parámetros: con 10 000 entradas, la primera capa ya tiene
# $10\,000\cdot 16 + 16 = 160\,016$. Son más números que reseñas: sitio de sobra para memorizar.
#
# | capa | neuronas | activación | parámetros |
# |---|:-:|---|--:|
# | oculta 1 | 16 | ReLU | 160 016 |
# | oculta 2 | 16 | ReLU | 272 |
# | salida | 1 | sigmoide | 17 |
#
# ### Tarea 2 · `build_baseline(dimension=10000)` — 2 puntos
#
# Construye, compila y devuelve esta red, para entradas de `dimension` números:
#
# - las tres capas de la tabla, en ese orden y sin otras;
# - optimizador **RMSprop** (con su tasa de aprendizaje por defecto va bien), pérdida de **entropía cruzada binaria**
#   y **exactitud** como métrica.

# %% [markdown] lang="en"
# ## 4. The network to start from
#
# The lecture's network is small in layers and large in parameters: with 10,000 inputs the first layer alone has
# $10\,000\cdot 16 + 16 = 160\,016$. That is more numbers than reviews: ample room to memorise.
#
# | layer | units | activation | parameters |
# |---|:-:|---|--:|
# | hidden 1 | 16 | ReLU | 160,016 |
# | hidden 2 | 16 | ReLU | 272 |
# | output | 1 | sigmoid | 17 |
#
# ### Task 2 · `build_baseline(dimension=10000)` — 2 points
#
# Build, compile and return this network, for inputs of `dimension` numbers:
#
# - the three layers of the table, in that order and no others;
# - optimizer **RMSprop** (its default learning rate does well), **binary cross-entropy** as loss and **accuracy** as
#   metric.


# %% task="build_baseline" points=2
def build_baseline(dimension=10000):
    """The compiled network 16-16-1: two ReLU layers and one sigmoid output, for inputs of shape (dimension,).

    Returns a keras.Model, compiled with RMSprop, binary cross-entropy and accuracy.
    """
    ### BEGIN SOLUTION
    model = keras.Sequential(
        [
            keras.Input((dimension,)),
            keras.layers.Dense(16, activation="relu"),
            keras.layers.Dense(16, activation="relu"),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer="rmsprop", loss="binary_crossentropy", metrics=["accuracy"])
    return model
    ### END SOLUTION


# %% check="build_baseline"
def test_sixteen_sixteen_one(build_baseline):
    """es: Las capas son las de la tabla. | en: The layers are those of the table."""
    import keras

    model = build_baseline()
    assert isinstance(model, keras.Model), T(
        es=f"La función tiene que devolver el modelo (con return); ha devuelto {type(model).__name__}.",
        en=f"The function must return the model (with return); it returned {type(model).__name__}.",
    )
    assert tuple(model.input_shape) == (None, 10000), T(
        es=f"Sin argumento, la entrada es {model.input_shape} y debería ser (None, 10000): mira tu keras.Input.",
        en=f"Without an argument the input is {model.input_shape} and should be (None, 10000): look at your keras.Input.",
    )
    assert tuple(build_baseline(dimension=30).input_shape) == (None, 30), T(
        es="Con dimension=30 la entrada debería ser de 30 números: usa el argumento, no un 10000 fijo.",
        en="With dimension=30 the input should be 30 numbers: use the argument, not a fixed 10000.",
    )
    assert model.count_params() == 160016 + 272 + 17, T(
        es=f"La red tiene {model.count_params()} parámetros y la de la tabla 160305: mira capas y neuronas.",
        en=f"The network has {model.count_params()} parameters and that of the table 160305: look at layers and units.",
    )
    config = str(model.get_config()).lower()
    assert "relu" in config, T(
        es="No encuentro ReLU: es la activación de las dos capas ocultas.",
        en="There is no ReLU: it is the activation of both hidden layers.",
    )
    assert "sigmoid" in config, T(
        es="No encuentro la sigmoide: es la activación de la salida.",
        en="There is no sigmoid: it is the activation of the output.",
    )


def test_compiled_as_in_the_lecture(build_baseline):
    """es: Está compilada como en clase. | en: It is compiled as in the lecture."""
    model = build_baseline(dimension=30)
    assert model.compiled, T(
        es="El modelo no está compilado: llama a model.compile(...) antes de devolverlo.",
        en="The model is not compiled: call model.compile(...) before you return it.",
    )
    optimizer = type(model.optimizer).__name__
    assert optimizer == "RMSprop", T(
        es=f"El optimizador es {optimizer} y se pide RMSprop.",
        en=f"The optimizer is {optimizer} and RMSprop is asked for.",
    )
    settings = model.get_compile_config()
    loss = str(settings.get("loss")).lower().replace("_", "")
    assert "binarycrossentropy" in loss or "bce" in loss, T(
        es="La pérdida debería ser la entropía cruzada binaria.",
        en="The loss should be binary cross-entropy.",
    )
    assert "acc" in str(settings.get("metrics")).lower(), T(
        es="No veo la exactitud entre las métricas: añade metrics=[...] a compile.",
        en="Accuracy is not among the metrics: add metrics=[...] to compile.",
    )


# %% [markdown] lang="es"
# Entrenamos 20 épocas, con lotes de 512, y medimos en validación al final de cada una. Antes de mirar la figura,
# apuesta: ¿qué curva va a subir?

# %% [markdown] lang="en"
# We train for 20 epochs, in batches of 512, and measure on validation at the end of each. Before you look at the
# figure, place your bet: which curve will go up?

# %% role="demo"
keras.utils.set_random_seed(0)
baseline = build_baseline()
baseline_history = baseline.fit(
    fit_vectors, fit_labels, batch_size=512, epochs=20, validation_data=(val_vectors, val_labels), verbose=0
)

figure, axes = plt.subplots(1, 2, figsize=(9.5, 3.8), layout="constrained")
draw_curves(axes, baseline_history)
axes[0].legend(frameon=False)
figure.suptitle(T(es="20 épocas de la red de partida", en="20 epochs of the baseline network"))
plt.show()

# %% [markdown] lang="es"
# **Figura 1.** *Pérdida (izquierda) y exactitud (derecha) por época. En entrenamiento (línea continua azul, círculos)
# la pérdida baja sin descanso y la exactitud se acerca a 1. En validación (línea discontinua naranja, cuadrados) la
# pérdida baja solo al principio y después vuelve a subir; la exactitud deja de mejorar pronto.*
#
# Las dos curvas de la izquierda cuentan la historia entera. Mientras bajan juntas, la red aprende algo que vale para
# cualquier reseña. Cuando se separan, lo que sigue aprendiendo solo vale para las que ya ha visto. Hasta que la de
# validación toca fondo hay **subajuste**: aún queda algo general por aprender. Después hay **sobreajuste**.
#
# Fíjate en que la pérdida de validación empeora más que la exactitud. La red no falla muchas más reseñas: se vuelve
# **demasiado segura**, también en las que falla, y la entropía cruzada cobra caro estar seguro y equivocado.

# %% [markdown] lang="en"
# **Figure 1.** *Loss (left) and accuracy (right) per epoch. On training (solid blue line, circles) the loss keeps
# falling and the accuracy approaches 1. On validation (dashed orange line, squares) the loss falls only at first
# and then rises again; the accuracy soon stops improving.*
#
# The two curves on the left tell the whole story. While they fall together, the network learns something that holds
# for any review. When they part, what it goes on learning holds only for those it has seen. Until the validation loss
# reaches its lowest point there is **underfitting**: something general is still to be learnt. After it there is
# **overfitting**.
#
# Note that the validation loss suffers more than the accuracy. The network does not get many more reviews wrong: it
# grows **too certain**, also where it is wrong, and cross-entropy charges dearly for being certain and wrong.

# %% [markdown] lang="es"
# ## 5. Leer las curvas con números
#
# Dos cifras resumen la figura: en qué época se debió parar y cuánto se separan al final las dos exactitudes.
#
# Las dos funciones reciben un `History` **o** su diccionario, `history.history`. Recuerda del cuaderno 04 que ahí hay
# una lista por cada cosa medida, con un valor por época, y que lo medido en validación lleva `val_` delante.
#
# ### Tarea 3 · `best_epoch(history)` — 1 punto
#
# El **número de la época** (un entero) con la pérdida de validación más baja. Las épocas se cuentan **desde 1**, como
# en las figuras y en lo que escribe `fit`; las listas de Python, desde 0.
#
# ¿Y por qué la pérdida y no la exactitud de validación? Porque es más fina: la exactitud solo cambia cuando una reseña
# cruza el umbral de 0,5, y con pocas reseñas da saltos y empates.

# %% [markdown] lang="en"
# ## 5. Reading the curves in numbers
#
# Two numbers sum up the figure: at which epoch one should have stopped, and how far apart the two accuracies end.
#
# Both functions take a `History` **or** its dictionary, `history.history`. Remember from notebook 04 that it holds a
# list for everything measured, with one value per epoch, and that what was measured on validation has `val_` in front.
#
# ### Task 3 · `best_epoch(history)` — 1 point
#
# The **number of the epoch** (an integer) with the lowest validation loss. Epochs are counted **from 1**, as in the
# figures and in what `fit` prints; Python's lists are counted from 0.
#
# And why the loss and not the validation accuracy? Because it is finer: accuracy only changes when a review crosses
# the threshold of 0.5, and with few reviews it jumps and ties.


# %% task="best_epoch" points=1
def best_epoch(history):
    """The epoch, counted from 1, with the lowest validation loss.

    history: a keras.callbacks.History or its dict of lists. Returns an int.
    """
    ### BEGIN SOLUTION
    recorded = getattr(history, "history", history)
    return int(np.argmin(recorded["val_loss"])) + 1
    ### END SOLUTION


# %% check="best_epoch"
def test_lowest_of_four(best_epoch):
    """es: La mejor de cuatro épocas, contada desde 1. | en: The best of four epochs, counted from 1."""
    curves = {"loss": [0.6, 0.4, 0.3, 0.2], "val_loss": [0.7, 0.5, 0.4, 0.6]}
    got = best_epoch(curves)
    assert got != 2, T(
        es="Ha salido 2, la posición en la lista contada desde 0; las épocas se cuentan desde 1.",
        en="It gave 2, the place in the list counted from 0; epochs are counted from 1.",
    )
    assert got != 4, T(
        es="Ha salido 4, la época de la pérdida de entrenamiento más baja; se pide la de validación.",
        en="It gave 4, the epoch of the lowest training loss; the validation loss is asked for.",
    )
    assert got == 3, T(
        es=f"Con val_loss = {curves['val_loss']} se esperaba 3 y salió {got}.",
        en=f"With val_loss = {curves['val_loss']}, expected 3, got {got}.",
    )


def test_takes_what_fit_returns(best_epoch, baseline_history):
    """es: Da lo mismo con el History y con su diccionario. | en: It gives the same for the History and its dictionary."""
    one, other = best_epoch(baseline_history), best_epoch(baseline_history.history)
    assert one == other, T(
        es=f"Con el History sale {one} y con su diccionario, {other}.",
        en=f"The History gives {one} and its dictionary {other}.",
    )


# %% [markdown] lang="es"
# ### Tarea 4 · `overfitting_gap(history)` — 1 punto
#
# La exactitud de entrenamiento **de la última época** menos la de validación **de la última época**, como número:
#
# $$\text{brecha} = \text{exactitud}_{\text{entrenamiento}} - \text{exactitud}_{\text{validación}}$$
#
# Positiva cuando la red acierta más en lo que ya ha visto. Según cómo se escribiera la métrica al compilar, las claves
# son `accuracy` y `val_accuracy`, o `acc` y `val_acc`: tu función tiene que valer para las dos formas.

# %% [markdown] lang="en"
# ### Task 4 · `overfitting_gap(history)` — 1 point
#
# The training accuracy **of the last epoch** minus the validation accuracy **of the last epoch**, as a number:
#
# $$\text{gap} = \text{accuracy}_{\text{training}} - \text{accuracy}_{\text{validation}}$$
#
# It is positive when the network does better on what it has already seen. Depending on how the metric was written in
# compile, the keys are `accuracy` and `val_accuracy`, or `acc` and `val_acc`: your function must work for both.


# %% task="overfitting_gap" points=1
def overfitting_gap(history):
    """Training accuracy minus validation accuracy, both of the last epoch.

    history: a keras.callbacks.History or its dict of lists, with the keys accuracy and val_accuracy, or acc and val_acc.
    Returns a float.
    """
    ### BEGIN SOLUTION
    recorded = getattr(history, "history", history)
    keys = ("accuracy", "val_accuracy") if "accuracy" in recorded else ("acc", "val_acc")
    training, validation = (recorded[key][-1] for key in keys)
    return float(training - validation)
    ### END SOLUTION


# %% check="overfitting_gap"
def test_gap_of_three_epochs(overfitting_gap):
    """es: La brecha de un historial de tres épocas. | en: The gap of a history of three epochs."""
    curves = {"accuracy": [0.6, 0.85, 0.97], "val_accuracy": [0.65, 0.8, 0.76], "loss": [0.6, 0.3, 0.1]}
    got = overfitting_gap({**curves, "val_loss": [0.6, 0.5, 0.7]})
    assert (got or 0) > 0, T(
        es=f"Ha salido {got}. Con más aciertos en entrenamiento la brecha es positiva: mira el orden de la resta.",
        en=f"It gave {got}. With more right on training the gap is positive: look at the order of the subtraction.",
    )
    assert abs(got - 0.21) < 1e-6, T(
        es=f"Se esperaba 0.97 - 0.76 = 0.21 y salió {got}: ¿son exactitudes, y las de la última época?",
        en=f"Expected 0.97 - 0.76 = 0.21, got {got}: are they accuracies, and those of the last epoch?",
    )


def test_gap_under_the_short_name(overfitting_gap):
    """es: También con las claves acc y val_acc. | en: With the keys acc and val_acc, too."""
    try:
        got = overfitting_gap({"acc": [0.7, 0.9], "val_acc": [0.7, 0.8]})
    except KeyError as error:
        raise AssertionError(
            T(
                es=f"Tu función busca la clave {error}, y aquí las claves son acc y val_acc.",
                en=f"Your function looks for the key {error}, and here the keys are acc and val_acc.",
            )
        ) from None
    assert abs(got - 0.1) < 1e-6, T(
        es=f"Con acc = [0.7, 0.9] y val_acc = [0.7, 0.8] se esperaba 0.1 y salió {got}.",
        en=f"With acc = [0.7, 0.9] and val_acc = [0.7, 0.8], expected 0.1, got {got}.",
    )


# %% role="demo"
best = best_epoch(baseline_history)
loss, val_loss, accuracy, val_accuracy = measured(baseline_history)
print(
    T(
        es=f"mejor época: {best} (exactitud de validación {val_accuracy[best - 1]:.3f})",
        en=f"best epoch: {best} (validation accuracy {val_accuracy[best - 1]:.3f})",
    )
)
print(
    T(
        es=f"tras {len(loss)} épocas: entrenamiento {accuracy[-1]:.3f}, validación {val_accuracy[-1]:.3f}",
        en=f"after {len(loss)} epochs: training {accuracy[-1]:.3f}, validation {val_accuracy[-1]:.3f}",
    )
)
gap = overfitting_gap({"accuracy": accuracy.tolist(), "val_accuracy": val_accuracy.tolist()})
print(T(es=f"brecha: {gap:.3f}", en=f"gap: {gap:.3f}"))

figure, axes = plt.subplots(1, 2, figsize=(9.5, 3.8), layout="constrained")
draw_curves(axes, baseline_history)
for ax in axes:
    ax.axvspan(best, len(loss) + 0.5, color=GREY, alpha=0.12, label=T(es="sobreajuste", en="overfitting"))
    ax.set_xlim(0.5, len(loss) + 0.5)
axes[0].plot(
    best, val_loss[best - 1], "D", color="black", markersize=9, zorder=4, label=T(es="mejor época", en="best epoch")
)
axes[0].legend(frameon=False)
axes[1].annotate(
    "", (len(loss), val_accuracy[-1]), (len(loss), accuracy[-1]), arrowprops={"arrowstyle": "<->", "linewidth": 1.5}
)
axes[1].annotate(
    T(es=f"brecha {gap:.2f}", en=f"gap {gap:.2f}"),
    (len(loss), (accuracy[-1] + val_accuracy[-1]) / 2),
    (-8, 0),
    textcoords="offset points",
    ha="right",
    va="center",
)
figure.suptitle(T(es="Dónde había que parar, y lo que cuesta seguir", en="Where to stop, and the price of going on"))
plt.show()

# %% [markdown] lang="es"
# **Figura 2.** *Las curvas de la figura 1 con dos marcas. A la izquierda, un rombo negro en el punto más bajo de la
# pérdida de validación; desde esa época, el fondo es gris. A la derecha, una flecha doble en la última época
# mide la brecha entre las dos exactitudes.*
#
# Con las reseñas reales, la mejor exactitud de validación ronda 0,89 en las épocas 4 y 5; tras 20 épocas la de
# entrenamiento pasa de 0,99 y la de validación baja hasta cerca de 0,87. Compáralo con tus cifras.
#
# Lo que la figura **no** dice: que la brecha sea mala en sí. Una red que acierta 0,95 y 0,90 es mejor que otra que
# acierta 0,80 y 0,80. Lo que importa es cuánto acierta en datos nuevos; la brecha avisa de dónde está el problema.

# %% [markdown] lang="en"
# **Figure 2.** *The curves of figure 1 with two marks. On the left, a black diamond at the lowest point of the
# validation loss; from that epoch on, the background is grey. On the right, a double arrow at the last epoch
# measures the gap between the two accuracies.*
#
# On the real reviews the best validation accuracy is about 0.89, at epochs 4 and 5; after 20 epochs the training
# accuracy is above 0.99 and the validation accuracy is down to about 0.87. Compare that with your own numbers.
#
# What the figure does **not** say: that the gap is bad in itself. A network that scores 0.95 and 0.90 is better than
# one that scores 0.80 and 0.80. What counts is how well it does on new data; the gap tells where the trouble lies.

# %% [markdown] lang="es" answer="explain_curves" points=2
# ### Pregunta · explica las dos curvas — 2 puntos, aparte de los diez
#
# Con tus palabras y con las cifras de **tu** entrenamiento (figuras 1 y 2), en unas 100–150 palabras:
#
# 1. ¿Qué mide cada una de las dos pérdidas, y por qué la de entrenamiento baja hasta el final?
# 2. ¿En qué época empieza el sobreajuste? Di en qué lo ves.
# 3. ¿Por qué sube entonces la pérdida de validación, si la red sigue aprendiendo?
#
# Esta respuesta la lee y la valora una persona. Escríbela en la celda siguiente.
#
# ### BEGIN SOLUTION
# **0,5 puntos:** la de entrenamiento se mide sobre las reseñas con las que se ajustan los pesos, y cada paso la reduce; la de
# validación se mide sobre reseñas que no intervienen en el ajuste.
#
# **0,5 puntos:** nombra la época del mínimo de la pérdida de validación (cuarta o quinta con los datos reales) y lo ve en que
# desde ahí las dos curvas se separan. Vale una época de diferencia si la razona con su figura.
#
# **1 punto:** desde entonces la red memoriza rasgos propios de esas reseñas, que no se repiten en otras; se equivoca en
# validación cada vez con más seguridad, y la entropía cruzada castiga la seguridad equivocada. Con solo «memoriza», medio punto.
# ### END SOLUTION

# %% [markdown] lang="en" answer="explain_curves" points=2
# ### Question · explain the two curves — 2 points, on top of the ten
#
# In your own words and with the numbers of **your** training (figures 1 and 2), in some 100–150 words:
#
# 1. What does each of the two losses measure, and why does the training loss fall to the end?
# 2. In which epoch does overfitting begin? Say what you see it by.
# 3. Why does the validation loss then rise, although the network goes on learning?
#
# This answer is read and marked by a person. Write it in the next cell.
#
# ### BEGIN SOLUTION
# **0.5 points:** the training loss is measured on the reviews that the weights are fitted to, and every step reduces it; the
# validation loss is measured on reviews that take no part in the fitting.
#
# **0.5 points:** names the epoch of the lowest validation loss (the fourth or fifth on the real data) and sees it by the two
# curves parting from there on. One epoch off is fine if it is argued from their own figure.
#
# **1 point:** from then on the network memorises traits of these very reviews that do not recur in others; on validation it is
# wrong with ever more confidence, and cross-entropy punishes confident mistakes. For "it memorises" alone, half a point.
# ### END SOLUTION

# %% [markdown] lang="es"
# ## 6. Parar a tiempo
#
# El primer remedio es el más barato: dejar de entrenar cuando la pérdida de **validación** deja de mejorar. La
# diapositiva dice que se vigila la de entrenamiento, y es un error fácil de cometer: es la que se está
# minimizando, y la que `fit` enseña primero. Pero mira la figura 2: la pérdida de entrenamiento **no se entera** del
# sobreajuste. Baja hasta el final, y quien la vigile no parará nunca. La señal solo puede venir de datos con los
# que la red no se entrena.
#
# La pérdida de validación sube y baja un poco de una época a otra, así que no conviene parar al primer tropiezo. La
# **paciencia** es el número de épocas seguidas sin mejora que se toleran. Con paciencia 2:
#
# | época | 1 | 2 | 3 | 4 | 5 |
# |---|:-:|:-:|:-:|:-:|:-:|
# | `val_loss` | 0,60 | 0,45 | **0,40** | 0,43 | 0,41 |
# | épocas sin mejora | 0 | 0 | 0 | 1 | 2 → parar |
#
# Al parar, los pesos son los de la época 5, no los de la 3. Hay que pedir que se **recuperen los mejores**.
#
# En Keras esto lo hace un *callback*, `keras.callbacks.EarlyStopping`. Sus argumentos importantes son tres: qué se
# vigila (`monitor`), la paciencia (`patience`) y si al terminar se recuperan los mejores pesos
# (`restore_best_weights`, que por defecto es `False`). Los *callbacks* se pasan a `fit` en una lista.
#
# ### Tarea 5 · `train_with_early_stopping(model, x, y, x_val, y_val, patience=2, max_epochs=20)` — 2 puntos
#
# Entrena el `model` recibido (ya compilado) con `x`, `y` y devuelve el **`History`** de `fit`:
#
# - mide en **`x_val`, `y_val`** al final de cada época;
# - para cuando `val_loss` lleva `patience` épocas sin mejorar, y **como mucho** a las `max_epochs` épocas;
# - el modelo queda con los **pesos de la mejor época**;
# - lotes de **512**.

# %% [markdown] lang="en"
# ## 6. Stopping in time
#
# The first remedy is the cheapest: stop training when the **validation** loss stops improving. The slide says that
# the training loss is watched, and the mistake is an easy one to make: that is the loss being minimised, and the
# one that `fit` shows first. But look at figure 2: the training loss **never notices** the overfitting. It falls to
# the end, and whoever watches it will never stop. The signal can only come from data that the network is not trained
# on.
#
# The validation loss goes up and down a little from one epoch to the next, so it is unwise to stop at the first
# stumble. **Patience** is the number of epochs in a row without improvement that we put up with. With patience 2:
#
# | epoch | 1 | 2 | 3 | 4 | 5 |
# |---|:-:|:-:|:-:|:-:|:-:|
# | `val_loss` | 0.60 | 0.45 | **0.40** | 0.43 | 0.41 |
# | epochs without improvement | 0 | 0 | 0 | 1 | 2 → stop |
#
# When training stops, the weights are those of epoch 5, not those of epoch 3. We have to ask for the **best ones
# back**.
#
# In Keras a callback does this, `keras.callbacks.EarlyStopping`. It has three important arguments: what is watched
# (`monitor`), the patience (`patience`), and whether the best weights are brought back at the end
# (`restore_best_weights`, `False` by default). Callbacks are handed to `fit` in a list.
#
# ### Task 5 · `train_with_early_stopping(model, x, y, x_val, y_val, patience=2, max_epochs=20)` — 2 points
#
# Train the given `model` (already compiled) on `x`, `y` and return the **`History`** of `fit`:
#
# - it measures on **`x_val`, `y_val`** at the end of each epoch;
# - it stops when `val_loss` has not improved for `patience` epochs, and after `max_epochs` epochs **at most**;
# - the model is left with the **weights of the best epoch**;
# - batches of **512**.


# %% task="train_with_early_stopping" points=2
def train_with_early_stopping(model, x, y, x_val, y_val, patience=2, max_epochs=20):
    """Train the compiled `model` on `x`, `y` in batches of 512 until `val_loss` has not improved for `patience` epochs.

    At most `max_epochs` epochs; the model ends with the weights of its best epoch.
    Returns the keras.callbacks.History of `fit`.
    """
    ### BEGIN SOLUTION
    stop = keras.callbacks.EarlyStopping(monitor="val_loss", patience=patience, restore_best_weights=True)
    return model.fit(
        x,
        y,
        batch_size=512,
        epochs=max_epochs,
        validation_data=(x_val, y_val),
        callbacks=[stop],
        verbose=0,
    )
    ### END SOLUTION


# %% role="demo"
keras.utils.set_random_seed(0)
stopped = build_baseline()
stopped_history = train_with_early_stopping(stopped, fit_vectors, fit_labels, val_vectors, val_labels)


# %% check="train_with_early_stopping"
def test_stopped_with_a_history(stopped_history, fit_vectors):
    """es: Devuelve el History, con lotes de 512. | en: It returns the History, with batches of 512."""
    import math

    assert "loss" in getattr(stopped_history, "history", {}), T(
        es=f"Se esperaba el History que devuelve fit y ha llegado {type(stopped_history).__name__}: mira tu return.",
        en=f"Expected the History that fit returns, and got {type(stopped_history).__name__}: look at your return.",
    )
    assert "val_loss" in stopped_history.history, T(
        es="En el History no hay val_loss: pasa los datos de validación a fit.",
        en="The History holds no val_loss: hand the validation data to fit.",
    )
    assert len(stopped_history.epoch) <= 20, T(
        es=f"Han sido {len(stopped_history.epoch)} épocas, más que max_epochs.",
        en=f"There were {len(stopped_history.epoch)} epochs, more than max_epochs.",
    )
    steps = stopped_history.params.get("steps")
    assert steps == math.ceil(len(fit_vectors) / 512), T(
        es=f"Cada época ha tenido {steps} iteraciones: con lotes de 512 serían {math.ceil(len(fit_vectors) / 512)}.",
        en=f"Each epoch took {steps} iterations: with batches of 512 it would be {math.ceil(len(fit_vectors) / 512)}.",
    )


def test_stopped_after_two_bad_epochs(stopped_history):
    """es: Para dos épocas después de la mejor. | en: It stops two epochs after the best one."""
    import numpy as np

    losses = stopped_history.history["val_loss"]
    waited = len(losses) - 1 - int(np.argmin(losses))
    assert waited == 2 or (waited < 2 and len(losses) == 20), T(
        es=f"Desde la mejor val_loss hasta el final hay {waited} épocas y deberían ser 2: mira monitor y patience.",
        en=f"From the best val_loss to the end there are {waited} epochs and there should be 2: look at monitor and patience.",
    )


def test_best_weights_are_back(stopped, stopped_history, val_vectors, val_labels):
    """es: El modelo queda con los pesos de la mejor época. | en: The model is left with the weights of its best epoch."""
    now = float(stopped.evaluate(val_vectors, val_labels, verbose=0)[0])
    best = min(stopped_history.history["val_loss"])
    assert abs(now - best) < 1e-3, T(
        es=f"La pérdida de validación del modelo es {now:.4f} y la mejor fue {best:.4f}: recupera los mejores pesos.",
        en=f"The model's validation loss is {now:.4f} and the best was {best:.4f}: bring the best weights back.",
    )


# %% role="demo"
_, full_loss, _, _ = measured(baseline_history)
_, short_loss, _, _ = measured(stopped_history)
kept = int(np.argmin(short_loss)) + 1
print(
    T(
        es=f"{len(short_loss)} épocas en vez de {len(full_loss)}; se recuperan los pesos de la {kept}",
        en=f"{len(short_loss)} epochs in place of {len(full_loss)}; the weights of epoch {kept} are brought back",
    )
)
for name, model in (
    (T(es="20 épocas", en="20 epochs"), baseline),
    (T(es="parada temprana", en="early stopping"), stopped),
):
    p = model.predict(val_vectors, verbose=0)
    print(
        f"{name:<16}",
        T(es="pérdida de validación", en="validation loss"),
        f"{cross_entropy(val_labels, p):.3f}",
        T(es=" exactitud", en=" accuracy"),
        f"{fraction_right(val_labels, p):.3f}",
    )

figure, ax = plt.subplots(figsize=(7, 3.8), layout="constrained")
ax.plot(
    np.arange(1, len(full_loss) + 1),
    full_loss,
    color=GREY,
    linestyle=":",
    linewidth=2,
    label=T(es="20 épocas", en="20 epochs"),
)
ax.plot(
    np.arange(1, len(short_loss) + 1),
    short_loss,
    "s--",
    color=ORANGE,
    markersize=5,
    label=T(es="con parada temprana", en="with early stopping"),
)
ax.plot(
    kept, short_loss[kept - 1], "D", color="black", markersize=9, label=T(es="pesos recuperados", en="weights kept")
)
ax.set(
    xlabel=T(es="época", en="epoch"),
    ylabel=T(es="pérdida de validación", en="validation loss"),
    title=T(es="Parada temprana", en="Early stopping"),
)
number_epochs(ax, len(full_loss))
ax.grid(alpha=0.3)
ax.legend(frameon=False)
plt.show()

# %% [markdown] lang="es"
# **Figura 3.** *Pérdida de validación por época. La línea gris de puntos es la de las 20 épocas; la naranja discontinua
# sale de los mismos pesos iniciales y sigue el mismo camino, pero se corta poco después de su mínimo. El rombo
# negro marca la época cuyos pesos se conservan.*
#
# Dos detalles. El mínimo que encuentra la parada temprana no tiene por qué ser el de la curva entera: si un bache
# dura más que la paciencia, se para antes de tiempo. Y los datos de validación ya han **decidido** algo (cuándo parar), así
# que la cifra que dan es un poco optimista: por eso hay datos de prueba.

# %% [markdown] lang="en"
# **Figure 3.** *Validation loss per epoch. The dotted grey line is that of the 20 epochs; the dashed orange one starts
# from the same initial weights and takes the same path, but is cut off shortly after its lowest point. The black
# diamond marks the epoch whose weights are kept.*
#
# Two details. The lowest point that early stopping finds need not be that of the whole curve: if a bump lasts longer
# than the patience, it stops too soon. And the validation data have now **decided** something (when to stop), so the
# score they give is a little too good: that is what the test data are for.

# %% [markdown] lang="es"
# ## 7. Regularizar: que los pesos grandes cuesten
#
# Para memorizar una reseña suelta, la red necesita pesos grandes en palabras raras. El segundo remedio les pone un
# precio: a la pérdida de siempre se le suma una **penalización** por el tamaño de los pesos.
#
# $$\text{L1:}\quad J = L + \lambda \sum_i |w_i| \qquad\qquad \text{L2:}\quad J = L + \lambda \sum_i w_i^2$$
#
# También se pueden sumar las dos, con un factor cada una (*elastic net*). El factor $\lambda$ dice cuánto pesa la
# penalización: con 0 no hay ninguna; si es muy grande, la red prefiere no aprender nada. Lo que distingue a L1 de
# L2 es su derivada, es decir, la fuerza con la que empujan cada peso hacia 0:

# %% [markdown] lang="en"
# ## 7. Regularising: large weights have a price
#
# To memorise a single review, the network needs large weights on rare words. The second remedy puts a price on them:
# to the usual loss we add a **penalty** for the size of the weights.
#
# $$\text{L1:}\quad J = L + \lambda \sum_i |w_i| \qquad\qquad \text{L2:}\quad J = L + \lambda \sum_i w_i^2$$
#
# The two can also be added together, each with its own factor (*elastic net*). The factor $\lambda$ says how much the
# penalty weighs: with 0 there is none; if it is very large, the network prefers to learn nothing. What tells L1 from
# L2 is the derivative, that is, the force with which they push each weight towards 0:

# %% role="demo"
w = np.linspace(-1.5, 1.5, 301)
figure, (left, right) = plt.subplots(1, 2, figsize=(9.5, 3.6), layout="constrained")
left.plot(w, np.abs(w), color=BLUE, label="L1:  $|w|$")
left.plot(w, w**2, color=ORANGE, linestyle="--", label="L2:  $w^2$")
left.set(
    xlabel="$w$",
    ylabel=T(es="penalización", en="penalty"),
    title=T(es="Lo que cuesta un peso", en="What a weight costs"),
)
for half in (w[w < 0], w[w > 0]):
    right.plot(half, np.sign(half), color=BLUE, label="L1" if half[0] < 0 else None)
right.plot(w, 2 * w, color=ORANGE, linestyle="--", label="L2")
right.set(
    xlabel="$w$",
    ylabel=T(es="derivada", en="derivative"),
    title=T(es="Con qué fuerza empuja hacia 0", en="How hard it pushes towards 0"),
)
for ax in (left, right):
    ax.axhline(0, color=GREY, linewidth=0.8)
    ax.axvline(0, color=GREY, linewidth=0.8)
    ax.grid(alpha=0.3)
    ax.legend(frameon=False)
plt.show()

# %% [markdown] lang="es"
# **Figura 4.** *A la izquierda, la penalización de un peso $w$ para $\lambda = 1$: un pico en forma de V para L1
# (línea continua azul) y una parábola para L2 (discontinua naranja). A la derecha, sus derivadas: la de L1 vale −1 o 1, sin
# término medio; la de L2 es la recta $2w$.*
#
# L1 empuja igual de fuerte a un peso diminuto que a uno grande, así que acaba con los inútiles (los deja en 0 o
# pegados a él) y elige unas pocas entradas. L2 empuja más cuanto mayor es el peso: encoge los grandes y deja
# muchos pesos pequeños. Es la más usada, y la que vas a usar tú.
#
# **¿Qué pesos se penalizan?** En Keras, cada capa lleva su regularizador y cada parte de la capa, su argumento:
#
# - `kernel_regularizer=` para los pesos que multiplican a las entradas: es el habitual;
# - `bias_regularizer=` para los sesgos: casi nunca se usa, porque un sesgo no memoriza nada, solo desplaza;
# - `activity_regularizer=` para la salida de la capa, que no es un peso.
#
# Las clases son `keras.regularizers.L1(…)`, `L2(…)` y `L1L2(l1=…, l2=…)`. El regularizador tiene que estar ahí **cuando
# se construye la capa**: si se lo pones después, aparece en la configuración pero la pérdida no cambia. La lista
# `model.losses` no engaña: contiene las penalizaciones que de verdad se suman.
#
# ### Tarea 6 · `build_l2_model(dimension=10000, l2=0.001)` — 2 puntos
#
# La misma red que `build_baseline`, compilada igual, con regularización **L2** de factor `l2` en los pesos (*kernel*) de
# **las dos capas ocultas**. Los sesgos no se penalizan. Escríbela entera, sin llamar a `build_baseline`: así un
# despiste en una tarea no te cuesta la otra.

# %% [markdown] lang="en"
# **Figure 4.** *On the left, the penalty of a weight $w$ for $\lambda = 1$: a V-shaped peak for L1 (solid blue line)
# and a parabola for L2 (dashed orange). On the right, their derivatives: that of L1 is −1 or 1 with nothing in
# between; that of L2 is the straight line $2w$.*
#
# L1 pushes a tiny weight as hard as a large one, so it finishes off the useless ones (they end at 0 or right beside
# it) and picks out a few inputs. L2 pushes harder the larger the weight: it shrinks the large ones and leaves many
# small weights. It is the most widely used, and the one you will use.
#
# **Which weights are penalised?** In Keras each layer has its regulariser, and each part of the layer its argument:
#
# - `kernel_regularizer=` for the weights that multiply the inputs: the usual one;
# - `bias_regularizer=` for the biases: hardly ever used, since a bias memorises nothing, it only shifts;
# - `activity_regularizer=` for the output of the layer, which is not a weight.
#
# The classes are `keras.regularizers.L1(…)`, `L2(…)` and `L1L2(l1=…, l2=…)`. The regulariser has to be there **when
# the layer is built**: set later, it shows in the config but does not change the loss. The list `model.losses` does
# not lie: it holds the penalties that are really added.
#
# ### Task 6 · `build_l2_model(dimension=10000, l2=0.001)` — 2 points
#
# The same network as `build_baseline`, compiled likewise, with **L2** regularisation of factor `l2` on the weights
# (kernel) of **both hidden layers**. The biases are not penalised. Write it out in full, without calling
# `build_baseline`: that way a slip in one task does not cost you the other.


# %% task="build_l2_model" points=2
def build_l2_model(dimension=10000, l2=0.001):
    """The network 16-16-1 with an L2 penalty of factor `l2` on the kernels of both hidden layers.

    Returns a keras.Model for inputs of shape (dimension,), compiled with RMSprop, binary cross-entropy and accuracy.
    """
    ### BEGIN SOLUTION
    penalty = keras.regularizers.L2(l2)
    model = keras.Sequential(
        [
            keras.Input((dimension,)),
            keras.layers.Dense(16, activation="relu", kernel_regularizer=penalty),
            keras.layers.Dense(16, activation="relu", kernel_regularizer=penalty),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer="rmsprop", loss="binary_crossentropy", metrics=["accuracy"])
    return model
    ### END SOLUTION


# %% check="build_l2_model"
def test_still_the_same_network(build_l2_model):
    """es: Sigue siendo la red 16-16-1, compilada igual. | en: It is still the network 16-16-1, compiled likewise."""
    import keras

    model = build_l2_model(dimension=30)
    assert isinstance(model, keras.Model), T(
        es=f"La función tiene que devolver el modelo (con return); ha devuelto {type(model).__name__}.",
        en=f"The function must return the model (with return); it returned {type(model).__name__}.",
    )
    assert model.count_params() == 785, T(
        es=f"Con 30 entradas la red tiene {model.count_params()} parámetros y la de partida, 785: mira capas y neuronas.",
        en=f"With 30 inputs the network has {model.count_params()} parameters and the baseline 785: look at layers and units.",
    )
    optimizer = type(getattr(model, "optimizer", None)).__name__
    assert optimizer == "RMSprop", T(
        es="Compílala como la red de partida: RMSprop, entropía cruzada binaria y exactitud.",
        en="Compile it like the baseline: RMSprop, binary cross-entropy and accuracy.",
    )


def test_both_hidden_layers_pay(build_l2_model):
    """es: Las dos capas ocultas pagan la penalización L2. | en: Both hidden layers pay the L2 penalty."""
    import numpy as np

    model = build_l2_model(dimension=30, l2=0.05)
    assert len(model.losses) > 0, T(
        es="model.losses está vacía: no hay penalización. ¿El regularizador estaba puesto al construir la capa?",
        en="model.losses is empty: there is no penalty. Was the regulariser there when the layer was built?",
    )
    assert len(model.losses) >= 2, T(
        es=f"En model.losses hay {len(model.losses)} penalización y deberían ser 2, una por capa oculta.",
        en=f"model.losses holds {len(model.losses)} penalty and should hold 2, one per hidden layer.",
    )
    kernels = [layer.kernel for layer in model.layers if hasattr(layer, "kernel")]
    squares = sum(float(np.sum(np.square(np.asarray(kernel)))) for kernel in kernels[:2])
    got = float(sum(float(value) for value in model.losses[:2]))
    assert abs(got - 0.05 * squares) < 1e-3, T(
        es=f"Con l2=0.05 las penalizaciones suman {got:.4f} en vez de {0.05 * squares:.4f}: ¿L2, y con el factor dado?",
        en=f"With l2=0.05 the penalties add up to {got:.4f} instead of {0.05 * squares:.4f}: L2, with the given factor?",
    )


# %% [markdown] lang="es"
# Entrenamos otras 20 épocas, ahora con L2, y aprovechamos para ver dos *callbacks* más. `ModelCheckpoint` guarda en
# disco los mejores pesos según la pérdida de validación; en Keras 3, el nombre tiene que acabar en `.weights.h5` si se
# guardan solo los pesos, o en `.keras` si se guarda el modelo entero. `LambdaCallback` llama a una función tuya al final
# de cada época: aquí apunta cuánto suma la penalización en ese momento.
#
# Después comprobamos una cosa que la diapositiva cuenta mal: que con L2 la pérdida de entrenamiento queda muy por
# encima de la de validación, como si la penalización solo contara al entrenar. **Keras la suma a las dos.**

# %% [markdown] lang="en"
# We train for another 20 epochs, now with L2, and take the opportunity to meet two more callbacks. `ModelCheckpoint`
# saves the best weights by validation loss to disk; in Keras 3 the name has to end in `.weights.h5` if only the
# weights are saved, or in `.keras` if the whole model is. `LambdaCallback` calls a function of yours at the end of
# each epoch: here it notes how much the penalty amounts to at that moment.
#
# Then we check something that the slide gets wrong: that with L2 the training loss lies far above the validation
# loss, as if the penalty only counted while training. **Keras adds it to both.**

# %% role="demo"
penalties = []


def note_penalty(epoch, logs):
    penalties.append(sum(float(value) for value in l2_model.losses))


keras.utils.set_random_seed(0)
l2_model = build_l2_model()
l2_history = l2_model.fit(
    fit_vectors,
    fit_labels,
    batch_size=512,
    epochs=20,
    validation_data=(val_vectors, val_labels),
    callbacks=[
        keras.callbacks.LambdaCallback(on_epoch_end=note_penalty),
        keras.callbacks.ModelCheckpoint("best.weights.h5", save_best_only=True, save_weights_only=True),
    ],
    verbose=0,
)

print(
    T(es="Tras 20 épocas", en="After 20 epochs").ljust(16)
    + T(es="Keras    entropía   diferencia", en="Keras    entropy    difference")
)
for name, vectors, labels in (
    (T(es="entrenamiento", en="training"), fit_vectors, fit_labels),
    (T(es="validación", en="validation"), val_vectors, val_labels),
):
    told = l2_model.evaluate(vectors, labels, verbose=0)[0]
    own = cross_entropy(labels, l2_model.predict(vectors, verbose=0))
    print(f"{name:<16}{told:<9.4f}{own:<11.4f}{told - own:.3f}")
print(T(es="suma de model.losses:", en="sum of model.losses:"), f"{penalties[-1]:.3f}")

# %% [markdown] lang="es"
# La columna «Keras» es la pérdida que da `evaluate`; «entropía», la entropía cruzada calculada sin Keras a partir de las
# predicciones. La diferencia es la misma en las dos filas, y es la penalización. Si quieres comparar la pérdida
# de validación de dos redes con distinta regularización, **resta antes la penalización**, o compara exactitudes.

# %% [markdown] lang="en"
# The column "Keras" is the loss that `evaluate` gives; "entropy" is the cross-entropy computed without Keras from the
# predictions. The difference is the same in both rows, and it is the penalty. If you want to compare the validation
# loss of two networks with different regularisation, **take the penalty off first**, or compare accuracies.

# %% role="demo"
_, l2_loss, _, l2_accuracy = measured(l2_history)
l2_entropy = l2_loss - np.array(penalties)
epochs = np.arange(1, len(l2_loss) + 1)

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
left.plot(epochs, full_loss, color=GREY, linestyle=":", linewidth=2.5, label=T(es="sin L2", en="without L2"))
left.plot(
    epochs,
    l2_loss,
    "^--",
    color=ORANGE,
    markersize=4,
    label=T(es="con L2, lo que dice Keras", en="with L2, as Keras tells it"),
)
left.plot(
    epochs,
    l2_entropy,
    "o-",
    color=GREEN,
    markersize=4,
    label=T(es="con L2, sin la penalización", en="with L2, penalty taken off"),
)
left.set(
    xlabel=T(es="época", en="epoch"),
    ylabel=T(es="pérdida de validación", en="validation loss"),
    title=T(es="La penalización está en las dos pérdidas", en="The penalty is in both losses"),
)
number_epochs(left, len(l2_loss))
left.legend(frameon=False)

sizes = [np.abs(np.asarray(model.get_weights()[0])).ravel() for model in (baseline, l2_model)]
bins = np.linspace(0, max(size.max() for size in sizes), 40)
right.hist(
    sizes[0], bins, histtype="step", color=GREY, linestyle=":", linewidth=2.5, label=T(es="sin L2", en="without L2")
)
right.hist(sizes[1], bins, histtype="step", color=GREEN, linewidth=2, label=T(es="con L2", en="with L2"))
right.set(
    yscale="log",
    xlabel=T(es="tamaño del peso, $|w|$ (primera capa)", en="size of the weight, $|w|$ (first layer)"),
    ylabel=T(es="número de pesos", en="number of weights"),
    title=T(es="Los pesos, tras 20 épocas", en="The weights after 20 epochs"),
)
right.legend(frameon=False)
for ax in (left, right):
    ax.grid(alpha=0.3)
plt.show()
print(
    T(es="suma de cuadrados de la primera capa: sin L2", en="sum of squares of the first layer: without L2"),
    f"{np.sum(sizes[0] ** 2):.1f},",
    T(es="con L2", en="with L2"),
    f"{np.sum(sizes[1] ** 2):.1f}",
)

# %% [markdown] lang="es"
# **Figura 5.** *A la izquierda, tres curvas de pérdida de validación: la de la red de partida (gris, de puntos), la de la red con
# L2 tal como la da Keras (triángulos naranjas) y esa misma sin la penalización (círculos verdes), que queda por
# debajo de la anterior en todas las épocas. A la derecha, cuántos pesos de la primera capa hay de cada tamaño, con escala
# logarítmica: el histograma de la red con L2 se acumula más cerca de 0.*
#
# La comparación justa es la de la línea gris con la verde: las dos son entropías cruzadas. Fíjate en el final: sin L2
# la subida es mayor. La regularización **frena** el sobreajuste, no lo suprime; por eso se combina con la parada
# temprana. Prueba otros factores (0,0001; 0,01) y mira qué pasa con los pesos y con las curvas.

# %% [markdown] lang="en"
# **Figure 5.** *On the left, three curves of validation loss: that of the baseline (grey, dotted), that of the network
# with L2 as Keras gives it (orange triangles), and the same with the penalty taken off (green circles), which lies
# below the former at every epoch. On the right, how many weights of the first layer there are of each size, on a
# logarithmic scale: the histogram of the network with L2 crowds closer to 0.*
#
# The fair comparison is between the grey line and the green one: both are cross-entropies. Look at the end: without L2
# the rise is larger. Regularisation **slows** overfitting down, it does not abolish it; that is why it is combined
# with early stopping. Try other factors (0.0001; 0.01) and see what happens to the weights and to the curves.

# %% [markdown] lang="es"
# ## 8. La prueba, una sola vez
#
# Tenemos tres candidatas: la red de 20 épocas, la de la parada temprana y la de L2 con los pesos que guardó
# `ModelCheckpoint`. **Elegimos por validación**, y solo la elegida se enfrenta a los datos de prueba. Las reseñas de
# prueba se convierten en filas por partes, para no ocupar de golpe un gigabyte de memoria con las 25 000 reales.

# %% [markdown] lang="en"
# ## 8. The test, once
#
# We have three candidates: the network of 20 epochs, that of early stopping, and that with L2 and the weights that
# `ModelCheckpoint` saved. **We choose by validation**, and only the chosen one meets the test data. The test reviews
# are turned into rows piece by piece, so as not to fill a gigabyte of memory at once with the 25,000 real ones.

# %% role="demo"
l2_model.load_weights("best.weights.h5")
candidates = {
    T(es="20 épocas", en="20 epochs"): baseline,
    T(es="parada temprana", en="early stopping"): stopped,
    T(es="L2, mejor época", en="L2, best epoch"): l2_model,
}
scores = {name: fraction_right(val_labels, model.predict(val_vectors, verbose=0)) for name, model in candidates.items()}
for name, score in scores.items():
    print(f"{name:<18}", T(es="validación", en="validation"), f"{score:.3f}")

chosen = max(scores, key=scores.get)
pieces = np.array_split(np.arange(len(x_test)), 5)
test_p = np.concatenate([candidates[chosen].predict(vectorize_sequences(x_test[piece]), verbose=0) for piece in pieces])
print()
print(T(es="elegida:", en="chosen:"), chosen, T(es="  prueba:", en="  test:"), f"{fraction_right(y_test, test_p):.3f}")

# %% [markdown] lang="es"
# Esta última cifra es la que se publica. Si ahora volvieras atrás para cambiar el factor de L2 «porque la prueba ha
# salido floja», dejaría de ser una prueba.
#
# ## Resumen
#
# Ahora sabes:
#
# - pasar de listas de palabras a filas *multi-hot* de `float32`, y qué se pierde en el camino;
# - que el entrenamiento ajusta, la validación elige y la prueba mide, una vez y al final;
# - que mil muestras en lotes de 20 son 50 iteraciones, y que una época es una pasada completa;
# - reconocer el sobreajuste: la pérdida de entrenamiento sigue bajando y la de validación sube; y ponerle números con la
#   mejor época (contada desde 1) y la brecha;
# - que una exactitud de entrenamiento de 0,99 no dice nada de los datos nuevos;
# - parar según la pérdida de **validación**, con paciencia, y recuperar los mejores pesos;
# - que L1 acaba con los pesos inútiles y L2 encoge los grandes; que se ponen en el *kernel*, antes de construir la capa;
#   y que Keras suma la penalización a las **dos** pérdidas;
# - usar `EarlyStopping`, `ModelCheckpoint` (`.weights.h5` o `.keras`) y `LambdaCallback`;
# - que el mejor remedio, cuando se puede, son más datos.
#
# **Para ir más lejos:** «Learning Word Vectors for Sentiment Analysis», de Maas y otros (2011), de donde vienen las
# reseñas; el capítulo de clasificación de críticas de *Deep Learning with Python*, de François Chollet; el capítulo 7 de
# *Deep Learning*, de Goodfellow, Bengio y Courville, sobre regularización; «Early Stopping — But When?», de Lutz
# Prechelt (1998); «Understanding deep learning requires rethinking generalization», de Zhang y otros (2017), donde una
# red se aprende etiquetas puestas al azar; y la guía *Overfit and underfit* de la documentación de TensorFlow.

# %% [markdown] lang="en"
# This last number is the one to publish. If you now went back to change the factor of L2 "because the test came out
# weak", it would no longer be a test.
#
# ## Recap
#
# You now know:
#
# - how to go from lists of words to multi-hot rows of `float32`, and what is lost on the way;
# - that training fits, validation chooses and the test measures, once and at the end;
# - that a thousand samples in batches of 20 are 50 iterations, and that an epoch is one complete pass;
# - how to recognise overfitting: the training loss goes on falling and the validation loss rises; and how to put
#   numbers on it with the best epoch (counted from 1) and the gap;
# - that a training accuracy of 0.99 says nothing about new data;
# - how to stop by the **validation** loss, with patience, and bring the best weights back;
# - that L1 finishes off useless weights and L2 shrinks the large ones; that they go on the kernel, before the layer is
#   built; and that Keras adds the penalty to **both** losses;
# - how to use `EarlyStopping`, `ModelCheckpoint` (`.weights.h5` or `.keras`) and `LambdaCallback`;
# - that the best remedy, where it can be had, is more data.
#
# **To go further:** "Learning Word Vectors for Sentiment Analysis" by Maas and others (2011), where the reviews come
# from; the chapter on classifying reviews in *Deep Learning with Python* by François Chollet; chapter 7 of *Deep
# Learning* by Goodfellow, Bengio and Courville, on regularisation; "Early Stopping — But When?" by Lutz Prechelt
# (1998); "Understanding deep learning requires rethinking generalization" by Zhang and others (2017), where a network
# learns labels dealt out at random; and the guide *Overfit and underfit* in the TensorFlow documentation.
