# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown] lang="es"
# # Normalización por lotes
#
# Seis capas de sigmoides apiladas casi no aprenden: la señal se apaga por el camino. Basta intercalar entre ellas una
# operación muy sencilla, **estandarizar cada columna del lote**, para que la misma red aprenda en unas pocas épocas.
# Este cuaderno la construye en NumPy, la compara con la de Keras y mide la diferencia con dígitos escritos a mano.
#
# **Al terminar sabrás**
#
# 1. partir unos datos en entrenamiento, validación y prueba con scikit-learn;
# 2. elegir entre la entropía cruzada categórica y la categórica *dispersa* (*sparse*);
# 3. explicar por qué se desvanece el gradiente en una pila de sigmoides;
# 4. normalizar un lote: media y varianza por columna, $\varepsilon$, $\gamma$ y $\beta$;
# 5. llevar las estadísticas móviles con la regla de Keras, y usarlas, solo ellas, al predecir;
# 6. decir dónde va `BatchNormalization` en una red y cuántos parámetros añade;
# 7. comparar dos entrenamientos con un número: la época en que llegan a cierta exactitud.
#
# **Antes necesitas:** los cuadernos 01 (estandarizar), 03 (la sigmoide y su derivada) y 04 (redes en Keras,
# `History`).
#
# **Tiempo:** unos 90 minutos. **Seis tareas, 10 puntos.** El cuaderno resuelto se ejecuta entero en menos de un
# minuto.

# %% [markdown] lang="en"
# # Batch normalization
#
# Six layers of sigmoids in a stack hardly learn: the signal dies on the way. Put one very simple operation between
# them, **standardising every column of the batch**, and the same network learns within a few epochs. This notebook
# builds it in NumPy, compares it with Keras's, and measures the difference on handwritten digits.
#
# **By the end you will be able to**
#
# 1. split data into training, validation and test with scikit-learn;
# 2. choose between categorical and *sparse* categorical cross-entropy;
# 3. explain why the gradient vanishes in a stack of sigmoids;
# 4. normalise a batch: mean and variance per column, $\varepsilon$, $\gamma$ and $\beta$;
# 5. keep the moving statistics by Keras's rule, and use them, and only them, to predict;
# 6. say where `BatchNormalization` goes in a network and how many parameters it adds;
# 7. compare two trainings by one number: the epoch in which they reach a given accuracy.
#
# **You need:** notebooks 01 (standardising), 03 (the sigmoid and its derivative) and 04 (networks in Keras,
# `History`).
#
# **Time:** about 90 minutes. **Six tasks, 10 points.** The solved notebook runs from top to bottom in under a minute.

# %% role="setup"
from itertools import pairwise

import keras
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

# Okabe-Ito palette: these colours stay apart for colour-blind readers as well.
BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#555555"
plt.rcParams.update({"axes.spines.top": False, "axes.spines.right": False, "axes.grid": True, "grid.alpha": 0.25})

pixels, digits = load_digits(return_X_y=True)
pixels = (pixels / 16).astype("float32")  # from 0..16 to 0..1

# %% [markdown] lang="es"
# ## 1. Los datos: 1797 dígitos, partidos en tres
#
# El conjunto *digits* de scikit-learn tiene 1797 imágenes de $8\times 8$ píxeles: 64 números por muestra, y una clase
# de 0 a 9. Se parten en tres:
#
# - **entrenamiento** (60 %): con ellas se ajustan los pesos;
# - **validación** (20 %): con ellas se decide (qué red, cuántas épocas…);
# - **prueba** (20 %): se miran **una sola vez**, al final.
#
# `train_test_split` parte en dos, así que se llama **dos veces**. Con `stratify=` cada parte conserva la proporción
# de cada clase, y con `random_state=` el reparto se puede repetir.
#
# > **Cuidado con la diapositiva.** Dice que `train_test_split` es de Keras. Es de **scikit-learn**,
# > `sklearn.model_selection`; Keras no tiene esa función.

# %% [markdown] lang="en"
# ## 1. The data: 1797 digits, split in three
#
# Scikit-learn's *digits* are 1797 images of $8\times 8$ pixels: 64 numbers per sample, and a class from 0 to 9. We
# split them in three:
#
# - **training** (60%): the weights are fitted to them;
# - **validation** (20%): they help us decide (which network, how many epochs…);
# - **test** (20%): looked at **once only**, at the end.
#
# `train_test_split` splits in two, so it is called **twice**. With `stratify=` each part keeps the share of every
# class, and with `random_state=` the split can be repeated.
#
# > **Mind the slide.** It says that `train_test_split` belongs to Keras. It belongs to **scikit-learn**,
# > `sklearn.model_selection`; Keras has no such function.

# %% role="setup"
x_train, x_rest, y_train, y_rest = train_test_split(pixels, digits, test_size=0.4, stratify=digits, random_state=0)
x_val, x_test, y_val, y_test = train_test_split(x_rest, y_rest, test_size=0.5, stratify=y_rest, random_state=0)
for name, part in (
    (T(es="entrenamiento", en="training"), x_train),
    (T(es="validación", en="validation"), x_val),
    (T(es="prueba", en="test"), x_test),
):
    print(f"{name:<14}{part.shape}")

# %% role="demo"
figure, panels = plt.subplots(1, 10, figsize=(10, 1.5), layout="constrained")
for digit, ax in enumerate(panels):
    ax.imshow(x_train[y_train == digit][0].reshape(8, 8), cmap="gray_r", vmin=0, vmax=1)
    ax.set(xticks=[], yticks=[], title=str(digit))
figure.suptitle(T(es="Un ejemplo de cada clase", en="One example of each class"))
plt.show()

# %% [markdown] lang="es"
# **Figura 1.** *Diez imágenes pequeñas y toscas, una por clase, del 0 al 9; cuanto más oscuro el píxel, más tinta.*
#
# ### Diez clases: ¿qué entropía cruzada?
#
# Con diez clases la salida tiene **diez neuronas con `softmax`**: diez probabilidades que suman 1. La pérdida de una
# muestra es la sorpresa ante la clase verdadera $c$, es decir, $-\log p_c$. Keras ofrece dos funciones para **el mismo
# número**; lo que cambia es cómo se escribe la verdad:
#
# | pérdida | la verdad | forma |
# |---|---|---|
# | `categorical_crossentropy` | *one-hot*: `[0, 0, 1]` | `(n, clases)` |
# | `sparse_categorical_crossentropy` | el número de la clase: `2` | `(n,)` |
#
# Nuestras clases son enteros (0, 1, …, 9), así que toca la **dispersa**.

# %% [markdown] lang="en"
# **Figure 1.** *Ten small, coarse images, one per class, from 0 to 9; the darker the pixel, the more ink.*
#
# ### Ten classes: which cross-entropy?
#
# With ten classes the output has **ten units with `softmax`**: ten probabilities that add up to 1. The loss of a sample
# is the surprise at the true class $c$, that is, $-\log p_c$. Keras offers two functions for **the same number**; what
# differs is how the truth is written:
#
# | loss | the truth | shape |
# |---|---|---|
# | `categorical_crossentropy` | one-hot: `[0, 0, 1]` | `(n, classes)` |
# | `sparse_categorical_crossentropy` | the number of the class: `2` | `(n,)` |
#
# Our classes are integers (0, 1, …, 9), so it is the **sparse** one.

# %% role="demo"
three_classes = np.array([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]], dtype="float32")
as_numbers = np.array([0, 2])
as_one_hot = keras.utils.to_categorical(as_numbers, 3)
print(as_one_hot)
by_name = keras.losses.sparse_categorical_crossentropy(as_numbers, three_classes)
by_one_hot = keras.losses.categorical_crossentropy(as_one_hot, three_classes)
print(T(es="dispersa:  ", en="sparse:     "), np.asarray(by_name).round(4))
print(T(es="categórica:", en="categorical:"), np.asarray(by_one_hot).round(4))
print("-log 0.7, -log 0.6:", -np.log([0.7, 0.6]).round(4))

# %% [markdown] lang="es"
# ## 2. Por qué una pila de sigmoides no aprende
#
# El gradiente llega a la primera capa multiplicado por lo que deja pasar cada una de las que tiene encima. La sigmoide
# deja pasar $\sigma'(z)=\sigma(z)\,(1-\sigma(z))$, que como mucho vale $\tfrac14$. Solo por eso, seis capas dejan como
# mucho
#
# $$\left(\tfrac14\right)^6\approx 0{,}00024$$
#
# del gradiente: es el **gradiente que se desvanece**. Y hacia delante pasa algo parecido: cada sigmoide aprieta sus
# entradas contra 0,5, de modo que en la sexta capa un 3 y un 8 producen casi los mismos números. La celda siguiente lo
# mide con los dígitos, en una red 64–32–32–32–32–32–32–10 recién creada.

# %% [markdown] lang="en"
# ## 2. Why a stack of sigmoids does not learn
#
# The gradient reaches the first layer multiplied by what each of the layers above lets through. The sigmoid lets
# through $\sigma'(z)=\sigma(z)\,(1-\sigma(z))$, which is $\tfrac14$ at most. For that reason alone, six layers leave at
# most
#
# $$\left(\tfrac14\right)^6\approx 0.00024$$
#
# of the gradient: it is the **vanishing gradient**. Something similar happens on the way forward: every sigmoid
# squeezes its inputs towards 0.5, so that in the sixth layer a 3 and an 8 give almost the same numbers. The next cell
# measures it on the digits, in a newly made 64–32–32–32–32–32–32–10 network.

# %% role="demo"
draw = np.random.default_rng(0)
sizes = [64, 32, 32, 32, 32, 32, 32, 10]
kernels = [
    draw.uniform(-1, 1, (rows, columns)) * np.sqrt(6 / (rows + columns))  # as Keras draws them (Glorot)
    for rows, columns in pairwise(sizes)
]

# Forward: six sigmoid layers, then softmax.
signals = [x_train.astype(float)]
for kernel in kernels[:-1]:
    signals.append(1 / (1 + np.exp(-signals[-1] @ kernel)))
scores = np.exp(signals[-1] @ kernels[-1])
error = scores / scores.sum(axis=1, keepdims=True) - np.eye(10)[y_train]

# Backward: the chain rule, one layer after the other.
slopes = []
for kernel, signal in zip(kernels[:0:-1], signals[:0:-1], strict=True):
    error = (error @ kernel.T) * signal * (1 - signal)
    slopes.append(np.sqrt(np.mean(error**2)))
slopes = np.array(slopes[::-1])
spread = np.array([np.mean(np.std(signal, axis=0)) for signal in signals[1:]])

layers = np.arange(1, 7)
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.6), layout="constrained")
left.bar(layers, slopes, color=BLUE)
left.set(yscale="log", xlabel=T(es="capa oculta", en="hidden layer"))
left.set_ylabel(T(es="gradiente (escala logarítmica)", en="gradient (logarithmic scale)"))
left.set_title(T(es="Hacia atrás: el gradiente se desvanece", en="Backward: the gradient vanishes"))
right.bar(layers, spread, color=ORANGE)
right.set(yscale="log", xlabel=T(es="capa oculta", en="hidden layer"))
right.set_ylabel(T(es="desviación entre muestras", en="deviation between samples"))
right.set_title(T(es="Hacia delante: la señal se apaga", en="Forward: the signal dies"))
plt.show()

# %% [markdown] lang="es"
# **Figura 2.** *Dos diagramas de barras con una barra por capa oculta y escala vertical logarítmica. A la izquierda, el
# tamaño típico del gradiente: el de la capa 1 es más de mil veces menor que el de la capa 6. A la derecha, cuánto varía
# una neurona de una muestra a otra: en cada capa, varias veces menos que en la anterior.*
#
# Las primeras capas, las que ven la imagen, apenas reciben instrucciones; y a las últimas apenas les llega información.
# Un remedio es cambiar la activación (ReLU). Otro, el de hoy, es **devolver a cada capa la escala** que ha perdido.

# %% [markdown] lang="en"
# **Figure 2.** *Two bar charts with one bar per hidden layer and a logarithmic vertical scale. On the left, the typical
# size of the gradient: that of layer 1 is over a thousand times smaller than that of layer 6. On the right, how much a
# unit varies from one sample to another: in each layer, several times less than in the one before.*
#
# The first layers, the ones that see the image, hardly get any instructions; and the last ones hardly get any
# information. One remedy is to change the activation (ReLU). Another, today's, is to **give every layer back the
# scale** that it has lost.

# %% [markdown] lang="es"
# ## 3. Normalizar un lote
#
# La entrada de la operación es un lote de $n$ muestras con $d$ columnas (las salidas de $d$ neuronas). Para cada
# **columna** $j$ se calculan la media y la varianza **sobre las muestras del lote**:
#
# $$\mu_j=\frac1n\sum_{i=1}^{n}x_{ij}\qquad\qquad \sigma_j^2=\frac1n\sum_{i=1}^{n}\left(x_{ij}-\mu_j\right)^2$$
#
# Después se estandariza, y por último se estira y se desplaza:
#
# $$\hat x_{ij}=\frac{x_{ij}-\mu_j}{\sqrt{\sigma_j^2+\varepsilon}}\qquad\qquad y_{ij}=\gamma_j\,\hat x_{ij}+\beta_j$$
#
# - La varianza es la **poblacional**: se divide entre $n$, no entre $n-1$.
# - $\varepsilon$ (en Keras, 0,001) va **dentro de la raíz**, sumado a la varianza: evita dividir entre 0 cuando una
#   columna es constante.
# - $\gamma$ y $\beta$ **se aprenden**, como los pesos: hay una pareja por columna. Si a la red le conviene otra escala,
#   la puede recuperar.
#
# **Un ejemplo a mano.** Cuatro muestras, dos columnas de escalas muy distintas:
#
# | muestra | columna 1 | columna 2 |
# |:-:|:-:|:-:|
# | 1 | 2 | 100 |
# | 2 | 4 | 300 |
# | 3 | 4 | 300 |
# | 4 | 6 | 500 |
# | $\mu$ | 4 | 300 |
# | $\sigma^2$ | $(4+0+0+4)/4=2$ | $(40000+0+0+40000)/4=20000$ |
#
# En la columna 1 sale $\hat x=(2-4)/\sqrt{2{,}001}=-1{,}4139$ y en la 2, $(100-300)/\sqrt{20000{,}001}=-1{,}4142$:
# después de normalizar **ya no se distingue** cuál era la grande.
#
# ### Tarea 1 · `batch_norm_train(x, gamma, beta, epsilon=1e-3)` — 2 puntos
#
# Devuelve **tres cosas**, en este orden: `y` de forma `(n, d)`, la media `mean` de forma `(d,)` y la varianza `var` de
# forma `(d,)` del lote (la varianza tal cual, sin $\varepsilon$).
#
# - `x` tiene forma `(n, d)`; `gamma` y `beta`, `(d,)`. Pueden ser listas o arrays, de enteros o decimales.
# - La función **no modifica** los arrays que recibe.

# %% [markdown] lang="en"
# ## 3. Normalising a batch
#
# What goes in is a batch of $n$ samples with $d$ columns (the outputs of $d$ units). For each **column** $j$ we take
# mean and variance **over the samples of the batch**:
#
# $$\mu_j=\frac1n\sum_{i=1}^{n}x_{ij}\qquad\qquad \sigma_j^2=\frac1n\sum_{i=1}^{n}\left(x_{ij}-\mu_j\right)^2$$
#
# Then we standardise, and at last stretch and shift:
#
# $$\hat x_{ij}=\frac{x_{ij}-\mu_j}{\sqrt{\sigma_j^2+\varepsilon}}\qquad\qquad y_{ij}=\gamma_j\,\hat x_{ij}+\beta_j$$
#
# - The variance is that of the **population**: divided by $n$, not by $n-1$.
# - $\varepsilon$ (0.001 in Keras) goes **inside the root**, added to the variance: it avoids a division by 0 when a
#   column is constant.
# - $\gamma$ and $\beta$ **are learnt**, like the weights: there is one pair per column. If another scale suits the
#   network better, it can have it back.
#
# **An example by hand.** Four samples, two columns of very different scales:
#
# | sample | column 1 | column 2 |
# |:-:|:-:|:-:|
# | 1 | 2 | 100 |
# | 2 | 4 | 300 |
# | 3 | 4 | 300 |
# | 4 | 6 | 500 |
# | $\mu$ | 4 | 300 |
# | $\sigma^2$ | $(4+0+0+4)/4=2$ | $(40000+0+0+40000)/4=20000$ |
#
# In column 1 we get $\hat x=(2-4)/\sqrt{2.001}=-1.4139$ and in column 2, $(100-300)/\sqrt{20000.001}=-1.4142$: once
# normalised, there is **no telling** which one was the large one.
#
# ### Task 1 · `batch_norm_train(x, gamma, beta, epsilon=1e-3)` — 2 points
#
# Return **three things**, in this order: `y` of shape `(n, d)`, and the batch's `mean` of shape `(d,)` and variance
# `var` of shape `(d,)` (the variance as it is, without $\varepsilon$).
#
# - `x` has shape `(n, d)`; `gamma` and `beta`, `(d,)`. They may be lists or arrays, of integers or decimals.
# - The function **does not change** the arrays it receives.


# %% task="batch_norm_train" points=2
def batch_norm_train(x, gamma, beta, epsilon=1e-3):
    """Batch normalization with the statistics of the batch itself, as during training.

    x: list or array, shape (n, d); gamma, beta: shape (d,). None of them is changed.
    Returns (y, mean, var): y of shape (n, d); mean and population variance per column, shape (d,).
    """
    ### BEGIN SOLUTION
    x = np.asarray(x, dtype=float)
    mean = x.mean(axis=0)
    var = x.var(axis=0)
    normalised = (x - mean) / np.sqrt(var + epsilon)
    return np.asarray(gamma) * normalised + np.asarray(beta), mean, var
    ### END SOLUTION


# %% check="batch_norm_train"
def test_example_by_hand(batch_norm_train):
    """es: Las medias y varianzas del ejemplo son (4, 300) y (2, 20000). | en: The example's means and variances."""
    import numpy as np

    x = np.array([[2.0, 100.0], [4.0, 300.0], [4.0, 300.0], [6.0, 500.0]])
    got = batch_norm_train(x, np.ones(2), np.zeros(2))
    number = len(got) if isinstance(got, (tuple, list)) else 1
    assert number == 3, T(
        es=f"Se piden tres cosas, y, mean, var, y ha llegado algo de tipo {type(got).__name__}.",
        en=f"Three things are asked for, y, mean, var; got something of type {type(got).__name__}.",
    )
    mean, var = np.ravel(got[1]), np.ravel(got[2])
    assert mean.size != 4, T(
        es="Hay 4 medias, una por muestra: la media es por columna, axis=0.",
        en="There are 4 means, one per sample: the mean is per column, axis=0.",
    )
    assert np.array_equal(mean.round(6), [4, 300]), T(
        es=f"Las medias de las columnas son 4 y 300, y salió {mean}.",
        en=f"The means of the columns are 4 and 300; got {mean}.",
    )
    assert var.size == 2, T(
        es=f"Se esperaban 2 varianzas y salieron {var.size}.", en=f"Expected 2 variances, got {var.size}."
    )
    known = (
        ([8 / 3, 80000 / 3], T(es="divides entre n − 1", en="you divide by n − 1")),
        ([2**0.5, 20000**0.5], T(es="eso es la desviación, su raíz", en="that is the deviation, its root")),
        ([2.001, 20000.001], T(es="mean y var van sin epsilon", en="mean and var go without epsilon")),
    )
    reason = next((text for value, text in known if np.allclose(var, value)), T(es="revísala", en="look again"))
    assert np.allclose(var, [2, 20000], rtol=1e-5), T(
        es=f"Las varianzas son 2 y 20000, y salió {var}: {reason}.",
        en=f"The variances are 2 and 20000; got {var}: {reason}.",
    )


def test_normalised_columns(batch_norm_train):
    """es: Las columnas normalizadas salen como en el ejemplo. | en: The normalised columns are as in the example."""
    import numpy as np

    x = np.array([[2.0, 100.0], [4.0, 300.0], [4.0, 300.0], [6.0, 500.0]])
    y = np.asarray(batch_norm_train(x, np.ones(2), np.zeros(2))[0])
    assert y.shape == (4, 2), T(
        es=f"y debería tener forma (4, 2) y tiene {y.shape}.", en=f"y should have shape (4, 2) and has {y.shape}."
    )
    assert abs(y[0, 1] + 1.4142) < 1e-3, T(
        es=f"En la columna 2 la primera muestra debe dar −1,4142 y da {y[0, 1]:.4f}.",
        en=f"In column 2 the first sample must give −1.4142; it gives {y[0, 1]:.4f}.",
    )
    assert abs(y[0, 0] + 1.4139) < 1e-4, T(
        es=f"En la columna 1 debe dar −1,4139 y da {y[0, 0]:.4f}: ¿está epsilon dentro de la raíz?",
        en=f"In column 1 it must give −1.4139; it gives {y[0, 0]:.4f}: is epsilon inside the root?",
    )


def test_stretched_and_shifted(batch_norm_train):
    """es: gamma estira y beta desplaza, cada columna lo suyo. | en: gamma stretches and beta shifts, per column."""
    import numpy as np

    x = [[2, 100], [4, 300], [4, 300], [6, 500]]
    y = np.asarray(batch_norm_train(x, [10, 1], [7, -5])[0])
    assert np.allclose(y[1], [7, -5]), T(
        es=f"La muestra 2 está en la media, así que y debe ser beta, (7, −5); salió {y[1]}.",
        en=f"Sample 2 lies on the mean, so y must be beta, (7, −5); got {y[1]}.",
    )
    assert abs(y[3, 0] - 21.139) < 1e-2, T(
        es=f"Con gamma 10 y beta 7, la muestra 4 da 21,139 en la columna 1; salió {y[3, 0]:.3f}.",
        en=f"With gamma 10 and beta 7, sample 4 gives 21.139 in column 1; got {y[3, 0]:.3f}.",
    )


# %% role="demo"
draw = np.random.default_rng(3)
cloud = draw.multivariate_normal([60, 8], [[400, 12], [12, 1]], 150)
centred, batch_mean, batch_var = batch_norm_train(cloud, [1, 1], [0, 0])
moved, _, _ = batch_norm_train(cloud, [2, 0.5], [4, 3])

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.2), layout="constrained")
left.scatter(cloud[:, 0], cloud[:, 1], s=22, color=GREY, alpha=0.7)
left.set_title(T(es="El lote, tal como llega", en="The batch as it arrives"))
right.scatter(
    centred[:, 0],
    centred[:, 1],
    s=22,
    color=BLUE,
    alpha=0.7,
    label=T(es="γ = (1, 1), β = (0, 0)", en="γ = (1, 1), β = (0, 0)"),
)
right.scatter(
    moved[:, 0],
    moved[:, 1],
    s=22,
    marker="^",
    color=ORANGE,
    alpha=0.7,
    label=T(es="γ = (2; 0,5), β = (4, 3)", en="γ = (2, 0.5), β = (4, 3)"),
)
right.set(aspect="equal")
right.set_title(T(es="Después de normalizar", en="After normalising"))
right.legend(frameon=False, loc="upper left")
right.set_ylim(None, 6.5)
for ax in (left, right):
    ax.set(xlabel=T(es="columna 1", en="column 1"), ylabel=T(es="columna 2", en="column 2"))
plt.show()

# %% [markdown] lang="es"
# **Figura 3.** *Dos nubes de puntos. A la izquierda, el lote: la columna 1 va de 10 a casi 120 y la columna 2, de 5 a
# 11. A la derecha, el mismo lote normalizado. Los círculos azules, con γ = 1 y β = 0, están centrados en el origen, con
# la misma anchura en ambos ejes; los triángulos naranjas son los mismos puntos con otros γ y β: la nube se ensancha en
# la columna 1, se aplasta en la 2 y se traslada.*
#
# La nube no cambia de forma: las muestras que estaban juntas siguen juntas. Solo cambian el centro y la escala, columna
# a columna.

# %% [markdown] lang="en"
# **Figure 3.** *Two clouds of points. On the left, the batch: column 1 runs from 10 to almost 120 and column 2 from 5
# to 11. On the right, the same batch normalised. The blue circles, with γ = 1 and β = 0, are centred on the origin and
# equally wide along both axes; the orange triangles are the same points with another γ and β: the cloud grows wider in
# column 1, flatter in column 2, and moves.*
#
# The cloud does not change its shape: samples that were close stay close. Only centre and scale change, column by
# column.

# %% [markdown] lang="es"
# ## 4. Al predecir no hay lote: las estadísticas móviles
#
# Mientras se entrena, el resultado de una muestra depende de **sus compañeras de lote**. Al predecir, eso no se puede
# admitir: la respuesta para una imagen no debe cambiar según con cuáles otras llegue. Y si llega sola, su media es ella
# misma, su varianza es 0 y saldría siempre $y=\beta$, fuera cual fuera la imagen.
#
# Por eso la capa lleva, durante el entrenamiento, una **media móvil** y una **varianza móvil**. Tras cada lote, la
# regla de Keras es
#
# $$\text{móvil}\ \leftarrow\ m\cdot\text{móvil}+(1-m)\cdot\text{lote}$$
#
# con $m=0{,}99$ (`momentum`): se conserva un 99 % de lo viejo y entra un 1 % de lo nuevo. Si la media móvil vale 10 y la
# del lote 20, la nueva es $0{,}99\cdot 10+0{,}01\cdot 20=10{,}1$. Se empieza con media 0 y varianza 1.
#
# > **Ojo con otros programas.** En PyTorch, `momentum` es el peso **de lo nuevo**: su 0,1 es el 0,9 de Keras.
#
# ### Tarea 2 · `update_moving(moving, batch, momentum=0.99)` — 1 punto
#
# Devuelve la estadística móvil después de un lote. `moving` (el valor anterior) y `batch` (el del lote) son listas o
# arrays `(d,)`, y `momentum` es un número entre 0 y 1. Sirve igual para medias que para varianzas.

# %% [markdown] lang="en"
# ## 4. No batch when predicting: the moving statistics
#
# During training, the result of a sample depends on **its companions in the batch**. When predicting, that will not do:
# the answer for an image must not change with the others it happens to arrive with. And if it arrives alone, its mean
# is itself, its variance is 0, and the result would always be $y=\beta$, whatever the image.
#
# That is why, during training, the layer keeps a **moving mean** and a **moving variance**. After each batch, Keras's
# rule is
#
# $$\text{moving}\ \leftarrow\ m\cdot\text{moving}+(1-m)\cdot\text{batch}$$
#
# with $m=0.99$ (`momentum`): 99% of the old is kept and 1% of the new comes in. If the moving mean is 10 and that of the
# batch is 20, the new one is $0.99\cdot 10+0.01\cdot 20=10.1$. It starts with mean 0 and variance 1.
#
# > **Mind other programs.** In PyTorch, `momentum` is the weight **of the new**: its 0.1 is Keras's 0.9.
#
# ### Task 2 · `update_moving(moving, batch, momentum=0.99)` — 1 point
#
# Return the moving statistic after one batch. `moving` (the value before) and `batch` (that of the batch) are lists or
# arrays `(d,)`, and `momentum` is a number between 0 and 1. It serves means and variances alike.


# %% task="update_moving" points=1
def update_moving(moving, batch, momentum=0.99):
    """A moving statistic after one more batch, by Keras's rule.

    moving, batch: lists or arrays, shape (d,); momentum: the share of the old value that is kept.
    Returns an array of shape (d,).
    """
    ### BEGIN SOLUTION
    moving, batch = np.asarray(moving, dtype=float), np.asarray(batch, dtype=float)
    return momentum * moving + (1 - momentum) * batch
    ### END SOLUTION


# %% check="update_moving"
def test_one_step(update_moving):
    """es: De 10 hacia 20 se llega a 10,1. | en: From 10 towards 20 it gets to 10.1."""
    import numpy as np

    got = np.ravel(update_moving(np.array([10.0]), np.array([20.0])))
    assert (got.size, got.dtype.kind) in ((1, "f"), (1, "i")), T(
        es="Se pide un array de números de la misma forma: ¿falta return?",
        en="An array of numbers of the same shape is asked for: is return missing?",
    )
    known = {
        19.9: T(
            es="has cambiado los pesos: momentum multiplica a lo viejo",
            en="you swapped the weights: momentum multiplies the old",
        ),
        9.9: T(
            es="te alejas del lote: revisa el signo, o si falta sumarlo", en="you move away from the batch: the sign?"
        ),
        9.7: T(es="restas la parte del lote: se suma", en="you subtract the batch's share: add it"),
        29.9: T(es="al lote le falta su factor 1 − momentum", en="the batch lacks its factor 1 − momentum"),
        15.0: T(es="eso es la media de los dos", en="that is the mean of both"),
        11.0: T(
            es="ese es el paso con momentum 0,9; el valor por defecto es 0,99", en="that is momentum 0.9, not 0.99"
        ),
    }
    reason = known.get(round(float(got[0]), 3), T(es="revisa la regla", en="look at the rule again"))
    assert abs(got[0] - 10.1) < 1e-6, T(
        es=f"Se esperaba 10,1 y salió {got[0]:.4f}: {reason}.", en=f"Expected 10.1, got {got[0]:.4f}: {reason}."
    )


def test_other_momentum(update_moving):
    """es: Respeta el momentum que recibe. | en: It obeys the momentum it receives."""
    import numpy as np

    got = np.ravel(update_moving([0, 4], [8, 0], momentum=0.75))
    assert np.allclose(got, [2, 3]), T(
        es=f"Con momentum 0,75, de (0, 4) hacia (8, 0) se llega a (2, 3); salió {got}.",
        en=f"With momentum 0.75, from (0, 4) towards (8, 0) it gets to (2, 3); got {got}.",
    )


# %% role="demo"
draw = np.random.default_rng(5)
batch_means = 3 + draw.normal(0, 0.6, 400)
figure, ax = plt.subplots(figsize=(8, 3.8), layout="constrained")
ax.plot(
    batch_means, ".", color=GREY, alpha=0.35, markersize=4, label=T(es="media de cada lote", en="mean of each batch")
)
for kept, colour, style in ((0.9, ORANGE, "--"), (0.99, BLUE, "-"), (0.01, GREEN, ":")):
    value, path = np.zeros(1), []
    for batch_value in batch_means:
        value = np.ravel(update_moving(value, np.array([batch_value]), kept))
        path.append(value[0])
    ax.plot(path, style, color=colour, linewidth=1 if kept < 0.5 else 2.2, label=f"momentum = {kept:g}")
ax.set(xlabel=T(es="lote", en="batch"), ylabel=T(es="media móvil", en="moving mean"))
ax.set_title(T(es="La media móvil, que empieza en 0", en="The moving mean, which starts at 0"))
ax.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
plt.show()

# %% [markdown] lang="es"
# **Figura 4.** *Las medias de 400 lotes (puntos grises) bailan alrededor de 3. La media móvil con momentum 0,99 (azul)
# sale de 0, tarda unos 300 lotes en llegar a 3 y luego casi no tiembla. Con 0,9 (naranja, discontinua) llega en unos 30
# y tiembla algo más. Con 0,01 (verde, punteada), que es lo que sale al cambiar los pesos, repite el último lote: no
# promedia nada.*
#
# Esa lentitud se paga al principio: de lo que había al empezar queda un $0{,}99^{100}\approx 37\ \%$ tras 100 lotes, y un
# 5 % tras 300. Recuérdalo cuando veas las primeras épocas del final del cuaderno.
#
# ### Tarea 3 · `batch_norm_inference(x, gamma, beta, moving_mean, moving_var, epsilon=1e-3)` — 2 puntos
#
# La normalización **al predecir**: la misma fórmula, con las estadísticas **móviles** en lugar de las del lote:
#
# $$y_{ij}=\gamma_j\,\frac{x_{ij}-\text{media móvil}_j}{\sqrt{\text{varianza móvil}_j+\varepsilon}}+\beta_j$$
#
# - `x` tiene forma `(n, d)`, también con `n = 1`; lo demás, `(d,)`. Listas o arrays, de enteros o decimales.
# - Devuelve `y`, de forma `(n, d)`. La función **no modifica** nada de lo que recibe: al predecir, las estadísticas
#   móviles no se actualizan.

# %% [markdown] lang="en"
# **Figure 4.** *The means of 400 batches (grey dots) dance around 3. The moving mean with momentum 0.99 (blue) starts
# from 0, takes some 300 batches to get to 3 and then hardly trembles. With 0.9 (orange, dashed) it gets there in about
# 30 and trembles a little more. With 0.01 (green, dotted), which is what swapping the weights gives, it repeats the
# last batch: it averages nothing.*
#
# That slowness is paid for at the beginning: of what there was at the start, $0.99^{100}\approx 37\%$ is left after 100
# batches, and 5% after 300. Remember it when you see the first epochs at the end of this notebook.
#
# ### Task 3 · `batch_norm_inference(x, gamma, beta, moving_mean, moving_var, epsilon=1e-3)` — 2 points
#
# Normalization **when predicting**: the same formula, with the **moving** statistics in place of the batch's:
#
# $$y_{ij}=\gamma_j\,\frac{x_{ij}-\text{moving mean}_j}{\sqrt{\text{moving variance}_j+\varepsilon}}+\beta_j$$
#
# - `x` has shape `(n, d)`, with `n = 1` too; the rest, `(d,)`. Lists or arrays, of integers or decimals.
# - Return `y`, of shape `(n, d)`. The function **does not change** anything it receives: when predicting, the moving
#   statistics are not updated.


# %% task="batch_norm_inference" points=2
def batch_norm_inference(x, gamma, beta, moving_mean, moving_var, epsilon=1e-3):
    """Batch normalization with the moving statistics, as when predicting.

    x: list or array, shape (n, d); gamma, beta, moving_mean, moving_var: shape (d,). None of them is changed.
    Returns y of shape (n, d); a row of y depends on the same row of x only.
    """
    ### BEGIN SOLUTION
    scale = np.asarray(gamma) / np.sqrt(np.asarray(moving_var) + epsilon)
    return (np.asarray(x) - np.asarray(moving_mean)) * scale + np.asarray(beta)
    ### END SOLUTION


# %% check="batch_norm_inference"
def test_with_known_statistics(batch_norm_inference):
    """es: Con media móvil 4 y varianza móvil 9, el 10 da 2. | en: With moving mean 4 and variance 9, 10 gives 2."""
    import numpy as np

    x = np.array([[10.0], [4.0], [1.0]])
    got = np.asarray(batch_norm_inference(x, np.ones(1), np.zeros(1), np.array([4.0]), np.array([9.0])))
    assert got.shape == (3, 1), T(
        es=f"Se esperaba la forma (3, 1) y salió {got.shape}.", en=f"Expected shape (3, 1), got {got.shape}."
    )
    own = (x - x.mean(axis=0)) / x.std(axis=0)
    assert not np.allclose(got, own, atol=1e-2), T(
        es="Usas la media y la varianza del lote; aquí solo cuentan las móviles.",
        en="You use the mean and variance of the batch; only the moving ones count here.",
    )
    assert np.allclose(got.ravel(), [2, 0, -1], atol=1e-3), T(
        es=f"(10 − 4)/√9 = 2, (4 − 4)/√9 = 0 y (1 − 4)/√9 = −1; salió {got.ravel().round(3)}.",
        en=f"(10 − 4)/√9 = 2, (4 − 4)/√9 = 0 and (1 − 4)/√9 = −1; got {got.ravel().round(3)}.",
    )


def test_sample_alone(batch_norm_inference):
    """es: Una muestra sola da lo mismo que acompañada. | en: A sample alone gives the same as in company."""
    import numpy as np

    settings = ([2, 3], [1, -1], [0, 5], [4, 1])
    x = np.array([[6.0, 7.0], [-1.0, 0.0], [3.0, 3.0]])
    together = np.asarray(batch_norm_inference(x, *settings))
    alone = np.asarray(batch_norm_inference(x[:1], *settings))
    assert np.allclose(together[:1], alone), T(
        es=f"La primera muestra da {together[0].round(3)} en el lote y {alone.ravel().round(3)} sola.",
        en=f"The first sample gives {together[0].round(3)} in the batch and {alone.ravel().round(3)} alone.",
    )
    assert np.allclose(alone.ravel(), [7, 5], atol=2e-2), T(
        es=f"Con gamma (2, 3) y beta (1, −1) debía dar cerca de (7, 5), y da {alone.ravel().round(3)}.",
        en=f"With gamma (2, 3) and beta (1, −1) it had to be near (7, 5); it is {alone.ravel().round(3)}.",
    )


# %% [markdown] lang="es"
# Con las tres funciones tienes una capa completa. Comparémosla con `keras.layers.BatchNormalization`: las dos reciben
# los mismos 30 lotes y después normalizan una muestra suelta.

# %% [markdown] lang="en"
# With the three functions you have a complete layer. Let us compare it with `keras.layers.BatchNormalization`: both
# receive the same 30 batches, and then normalise a lone sample.

# %% role="demo"
draw = np.random.default_rng(7)
layer = keras.layers.BatchNormalization()
layer.build((None, 2))
gamma, beta = np.ones(2), np.zeros(2)
own_mean, own_var = np.zeros(2), np.ones(2)
for _ in range(30):
    batch = draw.normal([5, -2], [3, 0.5], (64, 2)).astype("float32")
    by_keras = np.asarray(layer(batch, training=True))
    by_hand, mean, var = batch_norm_train(batch, gamma, beta)
    own_mean, own_var = update_moving(own_mean, mean), update_moving(own_var, var)

one = np.array([[8.0, -2.5]], dtype="float32")
lone = batch_norm_inference(one, gamma, beta, own_mean, own_var)
print(T(es="diferencias con Keras", en="differences from Keras"))
for name, mine, theirs in (
    (T(es="al entrenar", en="training"), by_hand, by_keras),
    (T(es="media móvil", en="moving mean"), own_mean, layer.moving_mean),
    (T(es="varianza móvil", en="moving variance"), own_var, layer.moving_variance),
    (T(es="al predecir", en="predicting"), lone, layer(one, training=False)),
):
    print(f"  {name:<16} {np.abs(np.asarray(mine) - np.asarray(theirs)).max():.1e}")
print(T(es="una muestra sola, al predecir:   ", en="a lone sample, predicting:     "), np.round(lone[0], 3))
print(
    T(es="la misma, normalizada por sí sola:", en="the same, normalised by itself:"),
    np.round(batch_norm_train(one, gamma, beta)[0][0], 3),
)

# %% [markdown] lang="es"
# Las diferencias son de redondeo (Keras calcula en `float32`). La última línea muestra por qué hacen falta las móviles:
# normalizada por sí sola, una muestra da siempre $\beta$.
#
# ## 5. La red sin normalizar
#
# ### Tarea 4 · `build_plain_model(n_features, n_classes, hidden_layers=6, units=32)` — 1 punto
#
# Construye, compila y devuelve la red de la sección 2:
#
# - una entrada de `n_features` números por muestra;
# - `hidden_layers` capas ocultas `Dense` de `units` neuronas cada una, con activación **sigmoide**;
# - una salida `Dense` con una neurona por clase y **`softmax`**;
# - compilada con la entropía cruzada categórica **dispersa** y la exactitud como métrica; el optimizador, el que
#   quieras (recomendamos Adam).
#
# Hazlo con un bucle: el número de capas es un argumento, y los cuatro argumentos cuentan.

# %% [markdown] lang="en"
# The differences are rounding (Keras computes in `float32`). The last line shows what the moving statistics are for:
# normalised by itself, a sample always gives $\beta$.
#
# ## 5. The network without normalization
#
# ### Task 4 · `build_plain_model(n_features, n_classes, hidden_layers=6, units=32)` — 1 point
#
# Build, compile and return the network of section 2:
#
# - an input of `n_features` numbers per sample;
# - `hidden_layers` hidden `Dense` layers of `units` units each, with a **sigmoid** activation;
# - a `Dense` output with one unit per class and **`softmax`**;
# - compiled with **sparse** categorical cross-entropy and accuracy as metric; any optimizer you like (we recommend
#   Adam).
#
# Use a loop: the number of layers is an argument, and all four arguments count.


# %% task="build_plain_model" points=1
def build_plain_model(n_features, n_classes, hidden_layers=6, units=32):
    """A compiled classifier: `hidden_layers` sigmoid Dense layers of `units` units, then softmax over the classes.

    Returns a keras.Model on inputs (n, n_features), compiled with sparse categorical cross-entropy and accuracy.
    """
    ### BEGIN SOLUTION
    model = keras.Sequential([keras.Input((n_features,))])
    for _ in range(hidden_layers):
        model.add(keras.layers.Dense(units, activation="sigmoid"))
    model.add(keras.layers.Dense(n_classes, activation="softmax"))
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
    ### END SOLUTION


# %% check="build_plain_model"
def test_as_many_layers_as_asked(build_plain_model):
    """es: Tantas capas, neuronas y clases como se piden. | en: As many layers, units and classes as asked for."""
    import keras

    for arguments, settings in (((64, 10), {}), ((5, 3), {"hidden_layers": 2, "units": 4})):
        model = build_plain_model(*arguments, **settings)
        assert isinstance(model, keras.Model), T(
            es=f"La función tiene que devolver el modelo (con return); ha devuelto {type(model).__name__}.",
            en=f"The function must return the model (with return); it returned {type(model).__name__}.",
        )
        layers, units = settings.get("hidden_layers", 6), settings.get("units", 32)
        sizes = [arguments[0], *[units] * layers, arguments[1]]
        got = [tuple(weight.shape) for weight in model.weights if len(weight.shape) == 2]
        want = [(sizes[i], sizes[i + 1]) for i in range(layers + 1)]
        assert got == want, T(
            es=f"Los pesos deberían tener las formas {want} y tienen {got}.",
            en=f"The weights should have the shapes {want}; they have {got}.",
        )


def test_classes_add_up(build_plain_model):
    """es: Las salidas son probabilidades que suman 1. | en: The outputs are probabilities that add up to 1."""
    import numpy as np

    model = build_plain_model(5, 3, hidden_layers=2, units=4)
    p = np.asarray(model(np.ones((2, 5), dtype="float32")))
    assert np.allclose(np.abs(p).sum(axis=1), p.sum(axis=1)), T(
        es="Hay salidas negativas, y una probabilidad no puede serlo: la activación de la última capa es softmax.",
        en="Some outputs are negative, and a probability cannot be: the last layer's activation is softmax.",
    )
    assert np.allclose(p.sum(axis=1), 1, atol=1e-4), T(
        es="Cada fila debería sumar 1: la activación de la última capa es softmax.",
        en="Every row should add up to 1: the last layer's activation is softmax.",
    )
    config = str(model.get_config()).lower()
    assert ("sigmoid" in config, "relu" in config) == (True, False), T(
        es="La activación de las capas ocultas debería ser la sigmoide.",
        en="The activation of the hidden layers should be the sigmoid.",
    )


def test_compiled_for_integers(build_plain_model):
    """es: Compilada para clases enteras, con exactitud. | en: Compiled for integer classes, with accuracy."""
    model = build_plain_model(5, 3, hidden_layers=2, units=4)
    assert model.compiled, T(
        es="El modelo no está compilado: llama a model.compile(...) antes de devolverlo.",
        en="The model is not compiled: call model.compile(...) before you return it.",
    )
    settings = model.get_compile_config()
    loss = str(settings.get("loss")).lower().replace("_", "")
    assert "sparsecategorical" in loss, T(
        es="Las clases son números enteros: se pide la entropía cruzada categórica dispersa (sparse).",
        en="The classes are integers: we ask for sparse categorical cross-entropy.",
    )
    assert "acc" in str(settings.get("metrics")).lower(), T(
        es="No veo la exactitud entre las métricas: añade metrics=[...] a compile.",
        en="Accuracy is not among the metrics: add metrics=[...] to compile.",
    )


# %% [markdown] lang="es"
# ## 6. La red normalizada
#
# ¿Dónde va la capa? **Detrás de una capa densa o convolucional**, entre esta y la siguiente. Hay dos costumbres y las
# dos valen:
#
# ```
#   antes de la activación:     Dense (lineal) ─► BatchNormalization ─► sigmoide ─► …
#   después de la activación:   Dense + sigmoide ─► BatchNormalization ─► …
# ```
#
# La primera es la del artículo original (Ioffe y Szegedy, 2015); para escribirla, la `Dense` va sin `activation=` y la
# activación se pone como capa, `keras.layers.Activation(...)`. La segunda se ve mucho también. Dos avisos:
#
# - **Detrás de la salida, no.** Después de `softmax` las probabilidades dejarían de sumar 1.
# - **En lugar de una `Dense`, tampoco.** `BatchNormalization` no mezcla las columnas: solo las centra y las escala. La
#   densa sigue haciendo falta.
#
# **Parámetros.** Por columna hay cuatro números: $\gamma$ y $\beta$, que se entrenan, y la media y la varianza móviles,
# que no (las mueve la regla de la tarea 2, no el gradiente). En un caso pequeño:

# %% [markdown] lang="en"
# ## 6. The normalised network
#
# Where does the layer go? **After a dense or convolutional layer**, between it and the next one. There are two habits,
# and both will do:
#
# ```
#   before the activation:   Dense (linear) ─► BatchNormalization ─► sigmoid ─► …
#   after the activation:    Dense + sigmoid ─► BatchNormalization ─► …
# ```
#
# The first is that of the original paper (Ioffe and Szegedy, 2015); to write it, the `Dense` has no `activation=` and
# the activation stands as a layer, `keras.layers.Activation(...)`. The second is common as well. Two warnings:
#
# - **Not after the output.** After `softmax` the probabilities would no longer add up to 1.
# - **Not instead of a `Dense`.** `BatchNormalization` does not mix columns: it only centres and scales them. The dense
#   layer is still needed.
#
# **Parameters.** There are four numbers per column: $\gamma$ and $\beta$, which are trained, and the moving mean and
# variance, which are not (the rule of task 2 moves them, not the gradient). In a small case:

# %% role="demo"
photograph = keras.Input((8, 8, 1))
seen = keras.layers.Conv2D(4, 3, use_bias=False)(photograph)
steady = keras.layers.BatchNormalization()(seen)
small = keras.Model(photograph, keras.layers.ReLU()(steady))
for layer in small.layers:
    trained = sum(int(np.prod(weight.shape)) for weight in layer.trainable_weights)
    print(f"{type(layer).__name__:<20}{tuple(layer.output.shape)!s:<20}{layer.count_params():>4} ({trained})")

# %% [markdown] lang="es"
# Entre paréntesis, los que se entrenan. La convolución tiene $3\cdot 3\cdot 1\cdot 4=36$ pesos (sin sesgo: lo borraría la
# media que se resta detrás, y de desplazar ya se encarga $\beta$), y `BatchNormalization`, $4\cdot 4=16$, de los que se
# entrenan 8. En una convolución la media se toma sobre las muestras **y** las posiciones: una por canal.
#
# ### Tarea 5 · `build_bn_model(n_features, n_classes, hidden_layers=6, units=32)` — 3 puntos
#
# La misma red que en la tarea 4 (mismas capas `Dense`, sigmoides, `softmax`, compilada igual) con una
# **`BatchNormalization` detrás de cada capa oculta**, antes o después de su activación. Ninguna detrás de la salida.
#
# No hace falta indicar `training=`: `fit` y `predict` ya le dicen a la capa en qué situación está.

# %% [markdown] lang="en"
# In brackets, those that are trained. The convolution has $3\cdot 3\cdot 1\cdot 4=36$ weights (no bias: the mean that is
# subtracted next would wipe it out, and $\beta$ already does the shifting), and `BatchNormalization` has $4\cdot 4=16$, 8
# of which are trained. In a convolution the mean is taken over samples **and** positions: one per channel.
#
# ### Task 5 · `build_bn_model(n_features, n_classes, hidden_layers=6, units=32)` — 3 points
#
# The same network as in task 4 (same `Dense` layers, sigmoids, `softmax`, compiled likewise) with a
# **`BatchNormalization` after every hidden layer**, before or after its activation. None after the output.
#
# There is no need for `training=`: `fit` and `predict` tell the layer which situation it is in.


# %% task="build_bn_model" points=3
def build_bn_model(n_features, n_classes, hidden_layers=6, units=32):
    """The classifier of build_plain_model with BatchNormalization after every hidden Dense layer.

    Returns a keras.Model on inputs (n, n_features), compiled with sparse categorical cross-entropy and accuracy.
    """
    ### BEGIN SOLUTION
    model = keras.Sequential([keras.Input((n_features,))])
    for _ in range(hidden_layers):
        model.add(keras.layers.Dense(units))
        model.add(keras.layers.BatchNormalization())
        model.add(keras.layers.Activation("sigmoid"))
    model.add(keras.layers.Dense(n_classes, activation="softmax"))
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
    ### END SOLUTION


# %% check="build_bn_model"
def test_one_after_each(build_bn_model):
    """es: Hay una BatchNormalization detrás de cada capa oculta. | en: One BatchNormalization after each hidden layer."""
    import keras

    for settings in ({}, {"hidden_layers": 2, "units": 4}):
        model = build_bn_model(5, 3, **settings)
        assert isinstance(model, keras.Model), T(
            es=f"La función tiene que devolver el modelo (con return); ha devuelto {type(model).__name__}.",
            en=f"The function must return the model (with return); it returned {type(model).__name__}.",
        )
        layers = settings.get("hidden_layers", 6)
        order = ""
        for weight in model.weights:
            if len(weight.shape) == 2:
                order += "D"
            elif weight.name == "moving_mean":
                order += "B"
        assert order.count("D") == layers + 1, T(
            es=f"Se pidieron {layers} capas ocultas y la salida, y hay {order.count('D')} capas Dense en total.",
            en=f"{layers} hidden layers and the output were asked for; there are {order.count('D')} Dense layers in all.",
        )
        assert not order.endswith("B"), T(
            es="Hay una BatchNormalization detrás de la salida: quítala.",
            en="There is a BatchNormalization after the output: remove it.",
        )
        assert order.lstrip("B") == "DB" * layers + "D", T(
            es=f"El orden de las capas es {order} (D: Dense, B: BatchNormalization): falta alguna B detrás de una D.",
            en=f"The order of the layers is {order} (D: Dense, B: BatchNormalization): some D lacks its B.",
        )


def test_same_as_the_plain_one(build_bn_model):
    """es: Lo demás es como en la red sin normalizar. | en: The rest is as in the plain network."""
    import numpy as np

    model = build_bn_model(5, 3, hidden_layers=2, units=4)
    p = np.asarray(model(np.ones((2, 5), dtype="float32")))
    assert p.shape == (2, 3), T(
        es=f"Con 2 muestras y 3 clases la salida tiene forma {p.shape}: hace falta una neurona por clase.",
        en=f"With 2 samples and 3 classes the output has shape {p.shape}: there must be one unit per class.",
    )
    assert np.allclose(p.sum(axis=1), 1, atol=1e-4), T(
        es="Cada fila debería sumar 1: la activación de la última capa es softmax, y detrás no va nada.",
        en="Every row should add up to 1: the last layer's activation is softmax, with nothing after it.",
    )
    config = str(model.get_config()).lower()
    assert ("sigmoid" in config, "relu" in config) == (True, False), T(
        es="La activación de las capas ocultas debería ser la sigmoide.",
        en="The activation of the hidden layers should be the sigmoid.",
    )
    settings = model.get_compile_config() if model.compiled else {}
    loss = str(settings.get("loss")).lower().replace("_", "")
    assert "sparsecategorical" in loss, T(
        es="Compílala como la otra: falta la entropía cruzada categórica dispersa (sparse).",
        en="Compile it like the other one: sparse categorical cross-entropy is missing.",
    )
    assert "acc" in str(settings.get("metrics")).lower(), T(
        es="Compílala como la otra: no veo la exactitud entre las métricas.",
        en="Compile it like the other one: accuracy is not among the metrics.",
    )


# %% role="demo"
keras.utils.set_random_seed(1)
plain_model = build_plain_model(64, 10)
bn_model = build_bn_model(64, 10)
for name, model in (
    (T(es="sin normalizar", en="plain"), plain_model),
    (T(es="normalizada", en="normalised"), bn_model),
):
    print(f"{name:<16}{model.count_params():>6}", T(es="parámetros", en="parameters"))


def seen_by_each_layer(model, x):
    """What reaches each Dense layer after the first, in training mode, minus its mean over the batch."""
    arriving = [layer.input for layer in model.layers if isinstance(layer, keras.layers.Dense)][1:] or [model.output]
    values = keras.Model(model.inputs, arriving)([x], training=True)
    values = values if isinstance(values, (list, tuple)) else [values]
    return [np.asarray(value) - np.mean(value, axis=0) for value in values]


figure, panels = plt.subplots(1, 2, figsize=(10, 4), sharey=True, layout="constrained")
batch = x_train[:256]
for ax, model, colour, name in (
    (panels[0], plain_model, ORANGE, T(es="Sin normalizar", en="Plain")),
    (panels[1], bn_model, BLUE, T(es="Con BatchNormalization", en="With BatchNormalization")),
):
    deviations = seen_by_each_layer(model, batch)
    parts = ax.violinplot([value.ravel() for value in deviations], showextrema=False, widths=0.85)
    for body in parts["bodies"]:
        body.set(facecolor=colour, edgecolor=colour, alpha=0.6)
    for number, value in enumerate(deviations, 1):
        ax.annotate(
            f"{value.std():.2g}", (number, value.max()), (0, 4), textcoords="offset points", ha="center", va="bottom"
        )
    ax.set(title=name, xlabel=T(es="capa oculta", en="hidden layer"), xticks=range(1, len(deviations) + 1))
    ax.margins(y=0.15)
panels[0].set_ylabel(T(es="activación menos su media", en="activation minus its mean"))
plt.show()

# %% [markdown] lang="es"
# **Figura 5.** *Cómo se reparten, en las dos redes recién creadas, las activaciones de cada capa oculta alrededor de la
# media de su neurona, para 256 imágenes; el número de encima es su desviación. Sin normalizar (naranja), la mancha
# de la capa 1 es alta y las siguientes se aplastan hasta quedar en una raya: a partir de la tercera capa todas las
# imágenes producen casi lo mismo. Con `BatchNormalization` (azul), las seis manchas son igual de altas.*
#
# Con 6 capas de 32, la red sin normalizar tiene $(64\cdot 32+32)+5\,(32\cdot 32+32)+(32\cdot 10+10)=7690$ parámetros, y
# la normalizada $6\cdot 4\cdot 32=768$ más. Es un 10 % más. ¿Qué se gana?
#
# ## 7. ¿Cuándo llega?
#
# Entrenamos las dos igual: mismos datos, mismas épocas, lotes de 32.

# %% [markdown] lang="en"
# **Figure 5.** *How the activations of each hidden layer spread around the mean of their unit, in both newly made
# networks, for 256 images; the number above is their deviation. In the plain one (orange) the shape of layer 1 is
# tall and the next ones are flattened to a line: from the third layer on, all images give nearly the same. With
# `BatchNormalization` (blue) all six shapes are equally tall.*
#
# With 6 layers of 32, the plain network has $(64\cdot 32+32)+5\,(32\cdot 32+32)+(32\cdot 10+10)=7690$ parameters, and
# the normalised one $6\cdot 4\cdot 32=768$ more. That is 10% more. What do we gain?
#
# ## 7. When does it get there?
#
# We train both alike: same data, same epochs, batches of 32.

# %% role="demo"
histories = {}
for name, model in (("plain", plain_model), ("bn", bn_model)):
    keras.utils.set_random_seed(2)
    histories[name] = model.fit(
        x_train, y_train, validation_data=(x_val, y_val), batch_size=32, validation_batch_size=400, epochs=15, verbose=0
    )
    metric = next(key for key in histories[name].history if "acc" in key and not key.startswith("val_"))
    print(f"{name:<6}", T(es="última exactitud de validación:", en="last validation accuracy:"), end=" ")
    print(round(histories[name].history["val_" + metric][-1], 3))

# %% [markdown] lang="es"
# Para comparar curvas conviene un número. El más natural: **¿en qué época alcanza por primera vez cierta exactitud de
# validación?** Con estas cuatro épocas:
#
# | época | 1 | 2 | 3 | 4 |
# |---|:-:|:-:|:-:|:-:|
# | exactitud de validación | 0,40 | 0,80 | 0,75 | 0,85 |
#
# el 0,80 se alcanza en la época **2** (se cuenta desde 1, igualar también es alcanzar, y da igual que luego baje) y el
# 0,90, nunca. *Nunca* se dice `None`; un 0 o un −1 parecerían una época y acabarían en una gráfica o en una media.
#
# ### Tarea 6 · `epochs_to_reach(history, accuracy)` — 1 punto
#
# Devuelve, como entero, la **primera** época (contando desde 1) cuya exactitud de **validación** es mayor o igual que
# `accuracy`; si ninguna lo es, `None`.
#
# - `history` es el `History` que devuelve `fit`, o su diccionario (`history.history`).
# - La clave se llama según cómo se compiló la red: `val_accuracy`, `val_acc` o `val_sparse_categorical_accuracy`.

# %% [markdown] lang="en"
# To compare curves, one number helps. The most natural: **in which epoch does it first reach a given validation
# accuracy?** With these four epochs:
#
# | epoch | 1 | 2 | 3 | 4 |
# |---|:-:|:-:|:-:|:-:|
# | validation accuracy | 0.40 | 0.80 | 0.75 | 0.85 |
#
# 0.80 is reached in epoch **2** (we count from 1, equalling is reaching too, and a later fall does not matter) and 0.90,
# never. *Never* is spelt `None`; a 0 or a −1 would look like an epoch and end up in a plot or in a mean.
#
# ### Task 6 · `epochs_to_reach(history, accuracy)` — 1 point
#
# Return, as an integer, the **first** epoch (counting from 1) whose **validation** accuracy is at least `accuracy`; if
# there is none, `None`.
#
# - `history` is the `History` that `fit` returns, or its dictionary (`history.history`).
# - The key is named after how the network was compiled: `val_accuracy`, `val_acc` or `val_sparse_categorical_accuracy`.


# %% task="epochs_to_reach" points=1
def epochs_to_reach(history, accuracy):
    """The first epoch, counted from 1, whose validation accuracy is at least `accuracy`; None if there is none.

    history: a keras.callbacks.History or its dict; accuracy: a number between 0 and 1. Returns an int or None.
    """
    ### BEGIN SOLUTION
    curves = getattr(history, "history", history)
    key = next(name for name in curves if name.startswith("val_") and "acc" in name)
    for epoch, value in enumerate(curves[key], start=1):
        if value >= accuracy:
            return epoch
    return None
    ### END SOLUTION


# %% check="epochs_to_reach"
def test_the_four_epochs(epochs_to_reach):
    """es: El 0,80 se alcanza en la época 2. | en: 0.80 is reached in epoch 2."""
    curves = {
        "accuracy": [0.85, 0.9, 0.95, 0.97],
        "loss": [1.5, 0.9, 0.6, 0.4],
        "val_accuracy": [0.40, 0.80, 0.75, 0.85],
        "val_loss": [1.6, 1.0, 0.9, 0.8],
    }
    got = epochs_to_reach(curves, 0.80)
    reasons = {
        None: T(
            es="igualar también es alcanzar, y falta return si nunca devuelves nada", en="equalling is reaching too"
        ),
        1: T(
            es="o cuentas desde 0, o lees la exactitud de entrenamiento",
            en="either you count from 0, or you read the training accuracy",
        ),
        4: T(es="se pide la primera época, no la última ni la mejor", en="the first epoch, not the last or the best"),
        3: T(es="¿cuentas una de más?", en="do you count one too many?"),
    }
    assert got == 2, T(
        es=f"Se esperaba 2 y salió {got}: {reasons.get(got, 'revisa el recorrido')}.",
        en=f"Expected 2, got {got}: {reasons.get(got, 'look at the loop again')}.",
    )


def test_never_is_none(epochs_to_reach):
    """es: Si nunca se alcanza, None. | en: If it is never reached, None."""
    got = epochs_to_reach({"accuracy": [0.95, 0.99], "val_accuracy": [0.40, 0.80]}, 0.90)
    assert got is None, T(
        es=f"En validación no se llega a 0,90: se esperaba None y salió {got}.",
        en=f"Validation does not get to 0.90: expected None, got {got}.",
    )


def test_history_and_names(epochs_to_reach):
    """es: Valen el History y los demás nombres de la métrica. | en: A History and the other metric names will do."""
    import keras

    history = keras.callbacks.History()
    history.history = {"acc": [0.1, 0.2], "val_acc": [0.3, 0.6]}
    got = epochs_to_reach(history, 0.5)
    assert got == 2, T(
        es=f"Con un History y la clave val_acc se esperaba 2 y salió {got}.",
        en=f"With a History and the key val_acc we expected 2, got {got}.",
    )


# %% role="demo"
print(
    f"{T(es='exactitud', en='accuracy'):<12}{T(es='sin normalizar', en='plain'):>16}{T(es='normalizada', en='normalised'):>14}"
)
for goal in (0.2, 0.5, 0.8, 0.9, 0.95):
    reached = [epochs_to_reach(histories[name], goal) for name in ("plain", "bn")]
    told = [T(es="nunca", en="never") if epoch is None else str(epoch) for epoch in reached]
    print(f"{goal:<12}{told[0]:>16}{told[1]:>14}")

figure, ax = plt.subplots(figsize=(8.5, 4.4), layout="constrained")
for name, colour, label in (
    ("plain", ORANGE, T(es="sin normalizar", en="plain")),
    ("bn", BLUE, T(es="normalizada", en="normalised")),
):
    curves = histories[name].history
    metric = next(key for key in curves if "acc" in key and not key.startswith("val_"))
    epochs = np.arange(1, len(curves[metric]) + 1)
    ax.plot(
        epochs,
        curves["val_" + metric],
        color=colour,
        linewidth=2.2,
        label=label + T(es=", validación", en=", validation"),
    )
    ax.plot(epochs, curves[metric], "--", color=colour, label=label + T(es=", entrenamiento", en=", training"))
    arrival = epochs_to_reach(histories[name], 0.9)
    if arrival is not None:
        ax.plot(arrival, curves["val_" + metric][arrival - 1], "D", color=colour, markersize=9)
        ax.annotate(
            T(es=f"0,9 en la época {arrival}", en=f"0.9 in epoch {arrival}"),
            (arrival, curves["val_" + metric][arrival - 1]),
            (8, -16),
            textcoords="offset points",
        )
ax.axhline(0.9, color=GREY, linestyle=":", linewidth=1)
ax.set(
    xlabel=T(es="época", en="epoch"), ylabel=T(es="exactitud", en="accuracy"), ylim=(0, 1.03), xticks=range(1, 16, 2)
)
ax.set_title(
    T(es="Seis capas de sigmoides, con y sin normalización", en="Six sigmoid layers, with and without normalization")
)
ax.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
plt.show()

# %% [markdown] lang="es"
# **Figura 6.** *Exactitud por época: líneas continuas en validación y discontinuas en entrenamiento. La red sin
# normalizar (naranja) pasa las 15 épocas entre 0,1 y 0,3, poco mejor que responder al azar. La normalizada (azul) llega
# a 0,9 en validación en la época marcada con un rombo, hacia la décima, y acaba por encima de 0,95.*
#
# Fíjate en las primeras épocas de la red normalizada: en **entrenamiento** ya acierta mucho mientras en **validación**
# sigue en 0,1. No es sobreajuste. Una época son 34 lotes, y tras la primera las estadísticas móviles aún conservan un
# $0{,}99^{34}\approx 71\ \%$ de sus valores iniciales (0 y 1), que no son los de ninguna capa: la red **predice** con
# una escala que no es la suya. Hacia los 300 lotes, unas nueve épocas, se han puesto al día (figura 4). En
# entrenamientos cortos ayuda bajar `momentum` a 0,9.
#
# Lo que esta figura **no** dice: que la normalización sea imprescindible. Con ReLU, o con una capa oculta en vez de
# seis, los dígitos se aprenden igual de bien sin ella. Cuanto más profunda es la red, más se nota. Tampoco dice **por
# qué** funciona; el artículo original hablaba de estabilizar lo que cada capa recibe de la anterior, y trabajos
# posteriores apuntan más bien a que suaviza la superficie de la pérdida y permite pasos más largos.
#
# Por último, y una sola vez, los datos de prueba:

# %% [markdown] lang="en"
# **Figure 6.** *Accuracy per epoch: solid lines for validation, dashed for training. The plain network (orange) spends
# the 15 epochs between 0.1 and 0.3, little better than guessing. The normalised one (blue) reaches 0.9 in validation in
# the epoch marked with a diamond, around the tenth, and ends above 0.95.*
#
# Look at the first epochs of the normalised network: in **training** it already gets much right while in
# **validation** it stays at 0.1. This is not overfitting. An epoch is 34 batches, and after the first one the moving
# statistics still keep $0.99^{34}\approx 71\%$ of their initial values (0 and 1), which are those of no layer at all:
# the network **predicts** on a scale that is not its own. By some 300 batches, about nine epochs, they have caught up
# (figure 4). In short trainings it helps to lower `momentum` to 0.9.
#
# What this figure does **not** say: that normalization is indispensable. With ReLU, or with one hidden layer instead of
# six, the digits are learnt just as well without it. The deeper the network, the more it shows. Nor does it say **why**
# it works; the original paper spoke of steadying what each layer receives from the one before, and later work rather
# suggests that it smooths the surface of the loss and so allows longer steps.
#
# Finally, and once only, the test data:

# %% role="demo"
for name, model in (
    (T(es="sin normalizar", en="plain"), plain_model),
    (T(es="normalizada", en="normalised"), bn_model),
):
    guesses = np.argmax(model.predict(x_test, verbose=0), axis=1)
    print(f"{name:<16}{np.mean(guesses == y_test):.3f}")

# %% [markdown] lang="es" answer="explain_depth" points=2
# ### Pregunta · explica las curvas de la figura 6 — 2 puntos, aparte de los diez
#
# Con tus palabras y con las cifras de **tu** entrenamiento, en unas 100–150 palabras:
#
# 1. ¿Por qué la red sin normalizar apenas mejora en 15 épocas, y qué cambia la normalización en cada capa?
# 2. ¿Por qué en las primeras épocas la red normalizada acierta en entrenamiento y no en validación, y cómo sabes que no es
#    sobreajuste?
# 3. ¿Cómo serían las dos curvas con **una** capa oculta en vez de seis? Di qué esperas y por qué; no hace falta probarlo.
#
# Esta respuesta la lee y la valora una persona. Escríbela en la celda siguiente.
#
# ### BEGIN SOLUTION
# **1 punto:** las sigmoides saturadas dejan pasar muy poco gradiente y seis seguidas casi nada, así que las primeras capas no se
# mueven; normalizar devuelve las entradas de cada sigmoide a la zona donde tiene pendiente. Sin la cadena de seis, medio punto.
#
# **0,5 puntos:** al validar cuentan las estadísticas móviles, que aún están cerca de sus valores iniciales; no es sobreajuste,
# porque la curva de validación sube después sin cambiar de datos ni de red, y en el sobreajuste empeora.
#
# **0,5 puntos:** espera que se parezcan mucho más, porque con una capa el gradiente atraviesa una sola sigmoide. Cuenta la razón.
# ### END SOLUTION

# %% [markdown] lang="en" answer="explain_depth" points=2
# ### Question · explain the curves of figure 6 — 2 points, on top of the ten
#
# In your own words and with the numbers of **your** training, in some 100–150 words:
#
# 1. Why does the plain network hardly improve in 15 epochs, and what does normalization change in each layer?
# 2. Why is the normalised network right in training and not in validation during the first epochs, and how do you know
#    that this is not overfitting?
# 3. What would the two curves look like with **one** hidden layer instead of six? Say what you expect and why; there is no
#    need to try it.
#
# This answer is read and marked by a person. Write it in the next cell.
#
# ### BEGIN SOLUTION
# **1 point:** saturated sigmoids let very little gradient through and six in a row almost none, so the first layers do not move;
# normalising brings the inputs of each sigmoid back to where it has a slope. Without the chain of six, half a point.
#
# **0.5 points:** in validation the moving statistics count, which are still close to their initial values; it is not overfitting,
# since the validation curve then rises on the same data and network, and overfitting makes it worse.
#
# **0.5 points:** expects them to be much more alike, as with one layer the gradient passes a single sigmoid. The reason counts.
# ### END SOLUTION

# %% [markdown] lang="es"
# ## Resumen
#
# Ahora sabes:
#
# - partir en tres con el `train_test_split` de **scikit-learn**, llamado dos veces, y guardar la prueba para el final;
# - que las dos entropías cruzadas categóricas dan lo mismo: con clases enteras, la **dispersa**; con *one-hot*, la otra;
# - que seis sigmoides dejan pasar como mucho $(1/4)^6$ del gradiente, y que hacia delante la señal también se apaga;
# - normalizar un lote: media y varianza poblacional **por columna**, $\varepsilon$ **dentro** de la raíz, y $\gamma$ y
#   $\beta$ que se aprenden;
# - la regla de Keras, $m\cdot\text{móvil}+(1-m)\cdot\text{lote}$, y que al predecir **solo** cuentan las móviles;
# - que `BatchNormalization` va **detrás de una capa densa o convolucional**, antes o después de su activación, nunca
#   detrás de la salida, y que añade cuatro números por columna, dos de ellos entrenables;
# - decir en qué época llega una red a cierta exactitud de validación, y decir `None` cuando no llega.
#
# **Para ir más lejos:** «Batch Normalization: Accelerating Deep Network Training by Reducing Internal Covariate Shift»,
# de Ioffe y Szegedy (2015); «How Does Batch Normalization Help Optimization?», de Santurkar y otros (2018); «Layer
# Normalization», de Ba, Kiros y Hinton (2016), que normaliza cada muestra por sí sola y es la de los *transformers*;
# «Group Normalization», de Wu y He (2018), para lotes pequeños; «Understanding the difficulty of training deep
# feedforward neural networks», de Glorot y Bengio (2010), sobre los pesos iniciales y las sigmoides; y la página de
# `BatchNormalization` en la documentación de Keras, con lo que pasa al congelar la capa (`trainable = False`).

# %% [markdown] lang="en"
# ## Recap
#
# You now know:
#
# - how to split in three with **scikit-learn**'s `train_test_split`, called twice, and to keep the test for the end;
# - that both categorical cross-entropies give the same: with integer classes, the **sparse** one; with one-hot, the
#   other;
# - that six sigmoids let through $(1/4)^6$ of the gradient at most, and that the signal dies on the way forward too;
# - how to normalise a batch: mean and population variance **per column**, $\varepsilon$ **inside** the root, and
#   $\gamma$ and $\beta$, which are learnt;
# - Keras's rule, $m\cdot\text{moving}+(1-m)\cdot\text{batch}$, and that **only** the moving statistics count when
#   predicting;
# - that `BatchNormalization` goes **after a dense or convolutional layer**, before or after its activation, never after
#   the output, and that it adds four numbers per column, two of them trained;
# - how to say in which epoch a network reaches a given validation accuracy, and to say `None` when it does not.
#
# **To go further:** "Batch Normalization: Accelerating Deep Network Training by Reducing Internal Covariate Shift" by
# Ioffe and Szegedy (2015); "How Does Batch Normalization Help Optimization?" by Santurkar et al. (2018); "Layer
# Normalization" by Ba, Kiros and Hinton (2016), which normalises each sample by itself and is the one in transformers;
# "Group Normalization" by Wu and He (2018), for small batches; "Understanding the difficulty of training deep
# feedforward neural networks" by Glorot and Bengio (2010), on initial weights and sigmoids; and the page of
# `BatchNormalization` in the Keras documentation, with what happens when the layer is frozen (`trainable = False`).
