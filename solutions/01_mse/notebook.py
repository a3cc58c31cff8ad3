# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown] lang="es"
# # Error, escala y descenso
#
# Aprender es equivocarse cada vez menos. Para que una máquina aprenda hay que decirle tres cosas: **cuánto** se
# equivoca, **hacia dónde** corregirse y **con qué paso**. Este cuaderno construye las tres piezas a mano, en NumPy;
# son las mismas que mueven la red más grande.
#
# **Al terminar sabrás**
#
# 1. medir el error de un modelo con el MSE, y decir en qué se distingue del MAE y del MAPE;
# 2. calcular el gradiente del MSE y leer lo que dice cada uno de sus componentes;
# 3. escalar una tabla con mín-máx y con puntuaciones z, y explicar por qué eso ayuda a aprender;
# 4. ajustar una recta por descenso del gradiente, y distinguir lote, iteración y época;
# 5. reconocer en la curva de pérdida una tasa de aprendizaje demasiado pequeña, buena o demasiado grande.
#
# **Antes necesitas:** funciones en Python, arrays de NumPy (forma, media, ejes) y saber qué es una derivada.
#
# **Tiempo:** unos 75 minutos. **Cinco tareas, 10 puntos.** Cada tarea tiene debajo una celda de comprobación:
# ejecútala cuantas veces quieras.

# %% [markdown] lang="en"
# # Error, scale, descent
#
# Learning means being less wrong each time. For a machine to learn, it must be told three things: **how wrong** it
# is, **which way** to correct itself, and **how long a step** to take. This notebook builds the three by hand, in
# NumPy; they are the same ones that drive the largest network.
#
# **At the end you can**
#
# 1. measure a model's error by the MSE, and say how it differs from the MAE and the MAPE;
# 2. compute the gradient of the MSE and read what each of its components says;
# 3. scale a table by min-max and by z-scores, and explain why this helps learning;
# 4. fit a line by gradient descent, and tell batch, iteration and epoch apart;
# 5. recognise from the loss curve a learning rate that is too small, right, or too large.
#
# **You need:** Python functions, NumPy arrays (shape, mean, axes), and what a derivative is.
#
# **Time:** about 75 minutes. **Five tasks, 10 points.** Each task has a checking cell below it: run it as often as
# you like.

# %% role="setup"
import matplotlib.pyplot as plt
import numpy as np

# Okabe-Ito palette: these colours stay apart for colour-blind readers as well.
BLACK, ORANGE, SKY, GREEN, BLUE, RED = "#000000", "#E69F00", "#56B4E9", "#009E73", "#0072B2", "#D55E00"
plt.rcParams.update({"axes.spines.top": False, "axes.spines.right": False, "axes.grid": True, "grid.alpha": 0.25})

# Five tables of a café: coffees ordered, and coffees that a model had predicted.
y_true = np.array([4, 1, 4, 2, 0])
y_pred = np.array([3, 3, 4, 3, 3])

# Sixty days on its terrace: temperature in °C, passers-by, tables, and the iced coffees that were sold.
generator = np.random.default_rng(7)
temperature = generator.uniform(14, 36, 60).round(1)
passers_by = (50 * temperature + generator.normal(300, 180, 60)).round()
terrace = np.column_stack([temperature, passers_by, np.full(60, 14)])
sold = (3.2 * temperature - 35 + generator.normal(0, 5, 60)).round()

# %% [markdown] lang="es"
# ## 1. ¿Cuánto se equivoca?
#
# Un modelo predice cuántos cafés pedirá cada mesa de un bar. Estas son cinco mesas, las del ejemplo de la clase:
#
# | mesa | 1 | 2 | 3 | 4 | 5 |
# |---|---|---|---|---|---|
# | pidieron, $y$ | 4 | 1 | 4 | 2 | 0 |
# | se predijo, $\hat y$ | 3 | 3 | 4 | 3 | 3 |
# | error, $y-\hat y$ | 1 | −2 | 0 | −1 | −3 |
# | error al cuadrado | 1 | 4 | 0 | 1 | 9 |
#
# ¿Es bueno el modelo? Hace falta **un solo número**. La suma de los errores no sirve: $1-2+0-1-3=-5$ deja que un
# error por arriba tape otro por abajo. Los cuadrados no se cancelan, y además **se pueden dibujar**.

# %% [markdown] lang="en"
# ## 1. How wrong is it?
#
# A model predicts how many coffees each table of a café will order. These are five tables, those of the lecture's
# example:
#
# | table | 1 | 2 | 3 | 4 | 5 |
# |---|---|---|---|---|---|
# | ordered, $y$ | 4 | 1 | 4 | 2 | 0 |
# | predicted, $\hat y$ | 3 | 3 | 4 | 3 | 3 |
# | error, $y-\hat y$ | 1 | −2 | 0 | −1 | −3 |
# | squared error | 1 | 4 | 0 | 1 | 9 |
#
# Is the model any good? We need **a single number**. The sum of the errors will not do: in $1-2+0-1-3=-5$ an error
# upwards hides one downwards. Squares do not cancel, and what is more, **they can be drawn**.

# %% role="demo"
places = 4.2 * np.arange(1, 6)
figure, axes = plt.subplots(figsize=(10, 3.6))
for place, truth, guess in zip(places, y_true, y_pred, strict=True):
    side = abs(truth - guess)
    axes.add_patch(plt.Rectangle((place, min(truth, guess)), side, side, facecolor=SKY, alpha=0.45, edgecolor=BLUE))
    axes.plot([place, place], [truth, guess], color=BLACK, linewidth=1.5)
    if side:
        axes.text(place + side / 2, min(truth, guess) + side / 2, side**2, ha="center", va="center", fontsize=13)
axes.plot(places, y_true, "o", color=BLACK, markersize=12, label=T(es="pidieron, y", en="ordered, y"))
axes.plot(places, y_pred, "D", color=ORANGE, markersize=6, label=T(es="se predijo, ŷ", en="predicted, ŷ"))
axes.set_aspect("equal")
axes.set_xticks(places, range(1, 6))
axes.set_xlim(2.8, 25.5)
axes.set_ylim(-0.6, 4.6)
axes.set_xlabel(T(es="mesa", en="table"))
axes.set_ylabel(T(es="cafés", en="coffees"))
axes.set_title(T(es="Cada error es el lado de un cuadrado", en="Every error is the side of a square"))
axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
plt.show()

# %% [markdown] lang="es"
# **Qué se ve.** En cada mesa, un punto negro (lo que pidieron) y un rombo naranja (lo predicho), unidos por un
# segmento: el error. Sobre cada segmento hay un cuadrado celeste con su área escrita: 1, 4, nada en la mesa 3
# (acierto), 1 y 9. El cuadrado de la mesa 5 cubre más que todos los demás juntos.
#
# El **error cuadrático medio** (MSE, *mean squared error*) es el área media de esos cuadrados:
#
# $$\mathrm{MSE}=\frac1n\sum_{i=1}^{n}(y_i-\hat y_i)^2=\frac{1+4+0+1+9}{5}=3$$
#
# **¿Por qué cuadrados?** Porque no se cancelan; porque castigan más lo grave: la mesa 5 comete 3 de los 7 cafés de
# error, pero aporta 9 de los 15 de área; y porque son una curva suave, sin esquinas, cuya pendiente se encoge al
# acercarse al acierto. Esto último será oro en la sección 2.
#
# **Sus parientes**
#
# | medida | fórmula | aquí | unidad | carácter |
# |---|---|---|---|---|
# | MSE | $\frac1n\sum(y_i-\hat y_i)^2$ | 3 | cafés² | castiga los errores grandes |
# | RMSE | $\sqrt{\mathrm{MSE}}$ | 1,73 | cafés | el MSE en la unidad de los datos |
# | MAE | $\frac1n\sum\lvert y_i-\hat y_i\rvert$ | 1,4 | cafés | todos los cafés de error pesan igual |
# | MAPE | $\frac{100}{n}\sum\left\lvert\frac{y_i-\hat y_i}{y_i}\right\rvert$ | no existe | % | compara escalas distintas |
#
# El MAPE no existe aquí porque la mesa 5 pidió 0 cafés y se dividiría entre 0: no lo uses cuando $y$ pueda ser cero o
# casi cero. Y fíjate en la unidad del MSE: «3 cafés cuadrados» no significa nada para la camarera. Para **entrenar**
# se usa el MSE; para **contarlo**, el MAE o el RMSE.
#
# ### Dos trampas de NumPy
#
# Antes de programarlo, dos restas que salen mal **sin avisar**. Apuesta qué imprime cada línea y ejecuta.

# %% [markdown] lang="en"
# **What you see.** At every table a black dot (what was ordered) and an orange diamond (the prediction), joined by a
# segment: the error. On each segment stands a light blue square with its area written inside: 1, 4, none at table 3
# (a hit), 1 and 9. The square of table 5 covers more than all the others together.
#
# The **mean squared error** (MSE) is the mean area of these squares:
#
# $$\mathrm{MSE}=\frac1n\sum_{i=1}^{n}(y_i-\hat y_i)^2=\frac{1+4+0+1+9}{5}=3$$
#
# **Why squares?** Because they do not cancel; because they punish what is serious: table 5 makes 3 of the 7 coffees
# of error, yet contributes 9 of the 15 of area; and because they form a smooth curve without corners, whose slope
# shrinks as the prediction comes close. That last point will be gold in section 2.
#
# **Its relatives**
#
# | measure | formula | here | unit | character |
# |---|---|---|---|---|
# | MSE | $\frac1n\sum(y_i-\hat y_i)^2$ | 3 | coffees² | punishes large errors |
# | RMSE | $\sqrt{\mathrm{MSE}}$ | 1.73 | coffees | the MSE in the unit of the data |
# | MAE | $\frac1n\sum\lvert y_i-\hat y_i\rvert$ | 1.4 | coffees | every coffee of error weighs the same |
# | MAPE | $\frac{100}{n}\sum\left\lvert\frac{y_i-\hat y_i}{y_i}\right\rvert$ | undefined | % | compares different scales |
#
# The MAPE is undefined here since table 5 ordered 0 coffees and we would divide by 0: do not use it where $y$ can be
# zero or nearly so. And mind the unit of the MSE: "3 square coffees" means nothing to the waiter. We **train** with
# the MSE; we **report** the MAE or the RMSE.
#
# ### Two traps of NumPy
#
# Before you write it, two subtractions that go wrong **without a warning**. Bet on what each line prints, then run
# it.

# %% role="demo"
column, row = np.ones((4, 1)), np.zeros(4)
print(T(es="forma de columna − fila:", en="shape of column − row:"), (column - row).shape)

three, five = np.array([3], dtype=np.uint8), np.array([5], dtype=np.uint8)
print("3 − 5 =", (three - five)[0])

# %% [markdown] lang="es"
# Una columna `(4, 1)` menos un vector `(4,)` no da cuatro diferencias, sino una **tabla 4 × 4** con todas las
# parejas: su media es un número de aspecto inocente, y falso. Ocurre a diario, porque Keras devuelve predicciones
# `(n, 1)`. Y los píxeles de una imagen son `uint8`, enteros de 0 a 255 sin signo: $3-5$ da la vuelta y sale 254.
#
# ### Tarea 1 · `mse` (3 puntos)
#
# Escribe `mse(y_true, y_pred)`: devuelve **un número**, el error cuadrático medio de dos muestras del mismo tamaño.
#
# - Cada muestra puede ser una lista o un array, de forma `(n,)` o `(n, 1)`, en cualquier combinación, y de enteros
#   (también `uint8`) o decimales.
# - Si están vacías o sus tamaños no coinciden, lanza `ValueError`.
# - Con un millón de puntos debe tardar menos de un segundo: sin bucles de Python.

# %% [markdown] lang="en"
# A column `(4, 1)` minus a vector `(4,)` does not give four differences but a **4 × 4 table** of all pairs: its mean
# is an innocent-looking number, and a false one. It happens daily, since Keras returns predictions of shape `(n, 1)`.
# And the pixels of an image are `uint8`, whole numbers from 0 to 255 without a sign: $3-5$ wraps around to 254.
#
# ### Task 1 · `mse` (3 points)
#
# Write `mse(y_true, y_pred)`: it returns **one number**, the mean squared error of two samples of equal size.
#
# - Each sample may be a list or an array, of shape `(n,)` or `(n, 1)`, in any mixture, of integers (`uint8` too) or
#   decimals.
# - When they are empty or their sizes differ, raise `ValueError`.
# - A million points must take less than a second: no Python loops.


# %% task="mse" points=3
def mse(y_true, y_pred):
    """Mean squared error of two samples of equal size.

    y_true, y_pred: lists or arrays, shape (n,) or (n, 1) in any mixture. Returns a float.
    Raises ValueError when they are empty or their sizes differ.
    """
    ### BEGIN SOLUTION
    true = np.asarray(y_true, dtype=float).ravel()
    predicted = np.asarray(y_pred, dtype=float).ravel()
    if true.size == 0 or true.size != predicted.size:
        raise ValueError(f"two samples of one size are needed, not {true.size} and {predicted.size} values")
    return float(np.mean((true - predicted) ** 2))
    ### END SOLUTION


# %% check="mse"
def test_five_tables(mse):
    """es: Las cinco mesas dan 3. | en: The five tables give 3."""
    import numpy as np

    got = mse([4, 1, 4, 2, 0], [3, 3, 4, 3, 3])
    assert got is not None, T(
        es="La función no devuelve nada: ¿falta return?", en="Nothing is returned: is return missing?"
    )
    assert np.ndim(got) == 0, T(
        es=f"Se pide un solo número y salió algo de forma {np.shape(got)}: ¿falta la media?",
        en=f"One number is asked for, this has shape {np.shape(got)}: is the mean missing?",
    )
    known = {
        1.4: T(es="eso es el MAE: eleva al cuadrado", en="that is the MAE: square the errors"),
        1.73: T(es="eso es el RMSE: sobra la raíz", en="that is the RMSE: leave out the root"),
        1.5: T(es="eso es la mitad: divide entre n, no entre 2n", en="that is half of it: divide by n, not by 2n"),
        15.0: T(es="eso es la suma: divide entre n", en="that is the sum: divide by n"),
        1.0: T(es="has promediado antes de elevar al cuadrado", en="you averaged before squaring"),
        -1.0: T(es="falta elevar al cuadrado", en="the errors are not squared"),
        3.75: T(es="divide entre n, no entre n − 1", en="divide by n, not by n − 1"),
    }
    reason = known.get(round(float(got), 2), T(es="revisa la fórmula", en="look at the formula again"))
    assert abs(got - 3) < 1e-6, T(
        es=f"Se esperaba 3 y salió {got:.4g}: {reason}.", en=f"Expected 3, got {got:.4g}: {reason}."
    )


def test_columns_and_rows(mse):
    """es: Una columna y un vector dan lo mismo que dos vectores. | en: A column and a vector give the same as two vectors."""
    import numpy as np

    truth, guess = np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 6.0])
    plain = mse(truth, guess)
    for a, b in ((truth.reshape(-1, 1), guess), (truth, guess.reshape(-1, 1))):
        got = mse(a, b)
        assert np.ndim(got) == 0, T(
            es=f"Con una columna salió algo de forma {np.shape(got)}: se pide un número.",
            en=f"With a column this has shape {np.shape(got)}: one number is asked for.",
        )
        assert abs(got - plain) < 1e-6, T(
            es=f"Con dos vectores sale {plain:.4g}, pero con las formas {a.shape} y {b.shape} sale {got:.4g}. "
            "Mira la forma de la resta: ¿es una tabla?",
            en=f"Two vectors give {plain:.4g}, but the shapes {a.shape} and {b.shape} give {got:.4g}. "
            "Look at the shape of the difference: is it a table?",
        )


def test_small_integers(mse):
    """es: Con enteros uint8 sale lo mismo que con decimales. | en: uint8 integers give the same as decimals."""
    import numpy as np

    plain = mse([3.0, 200.0], [5.0, 180.0])
    got = mse(np.array([3, 200], dtype=np.uint8), np.array([5, 180], dtype=np.uint8))
    assert np.allclose(got, plain), T(
        es=f"Con decimales sale {plain}, con uint8 sale {got}. uint8 no conoce negativos: convierte a float antes de restar.",
        en=f"Decimals give {plain}, uint8 gives {got}. uint8 knows no negatives: convert to float before you subtract.",
    )


def test_no_answer_without_pairs(mse):
    """es: Sin parejas no hay respuesta: ValueError. | en: No pairs, no answer: ValueError."""
    for a, b in (([], []), ([1, 2, 3], [1, 2]), ([1, 2, 3], [2])):
        try:
            got = mse(a, b)
        except ValueError:
            continue
        raise AssertionError(
            T(
                es=f"mse({a}, {b}) devolvió {got}, pero debe lanzar ValueError: comprueba los tamaños antes de restar.",
                en=f"mse({a}, {b}) returned {got}, but must raise ValueError: check the sizes before you subtract.",
            )
        )


# %% [markdown] lang="es"
# ### ¿Qué persigue cada medida?
#
# Si tuvieras que predecir **el mismo número** $c$ para las cinco mesas, ¿cuál elegirías? Depende de la medida.
# Apuesta antes de ejecutar: ¿dónde tendrá su mínimo el MSE? ¿Y el MAE?

# %% [markdown] lang="en"
# ### What does each measure aim for?
#
# If you had to predict **the same number** $c$ for all five tables, which would you choose? It depends on the
# measure. Bet before you run: where will the MSE have its minimum? And the MAE?

# %% role="demo"
guesses = np.linspace(-0.5, 5, 221)
squared = np.array([mse(y_true, np.full(5, c)) for c in guesses])
absolute = np.array([np.abs(y_true - c).mean() for c in guesses])

figure, axes = plt.subplots(figsize=(7, 3.8))
for values, name, colour, style in ((squared, "MSE", BLUE, "-"), (absolute, "MAE", ORANGE, "--")):
    lowest = values.argmin()
    axes.plot(guesses, values, style, color=colour, linewidth=2.5, label=name)
    axes.plot(guesses[lowest], values[lowest], "o", color=colour, markersize=9)
    axes.annotate(f"c = {guesses[lowest]:.1f}", (guesses[lowest], values[lowest]), (8, -14), textcoords="offset points")
axes.set_ylim(0, 8)
axes.set_xlabel(T(es="predicción constante c (cafés)", en="constant prediction c (coffees)"))
axes.set_ylabel(T(es="error (cafés² o cafés)", en="error (coffees² or coffees)"))
axes.set_title(T(es="El MSE busca la media, el MAE la mediana", en="The MSE seeks the mean, the MAE the median"))
axes.legend(frameon=False)
plt.show()

# %% [markdown] lang="es"
# **Qué se ve.** El MSE (línea azul continua) es una parábola suave con el mínimo en $c=2{,}2$, la **media** de los
# pedidos. El MAE (naranja discontinua) está hecho de tramos rectos con esquinas y tiene el mínimo en $c=2$, la
# **mediana**. Una mesa disparatada arrastraría a la media, no a la mediana: por eso el MAE es más robusto. Y la
# suavidad de la parábola es justo lo que necesita el siguiente paso.
#
# ## 2. ¿Hacia dónde corregir?
#
# Conocer el error no basta: hay que saber **cómo cambia** si movemos cada predicción un poco. Eso es el
# **gradiente**, un vector con un componente por predicción. En la suma del MSE, $\hat y_i$ aparece en un solo
# término; al derivar su cuadrado baja un 2, y la media deja su $1/n$:
#
# $$\frac{\partial\,\mathrm{MSE}}{\partial \hat y_i}=\frac{2}{n}\,(\hat y_i-y_i)$$
#
# Léelo como un consejo para cada mesa. **Positivo:** predices de más; subir empeora, baja. **Negativo:** predices de
# menos. **Cero:** no toques nada. Y cuanto mayor el error, más fuerte el consejo. El orden de la resta importa:
# $\hat y-y$, no al revés; con el signo cambiado, el modelo aprendería a equivocarse.
#
# ### Tarea 2 · `mse_gradient` (2 puntos)
#
# Escribe `mse_gradient(y_true, y_pred)`: devuelve el gradiente del MSE respecto de `y_pred`, **un array de forma
# `(n,)`**. Admite lo mismo que `mse` (listas, columnas, `uint8`), y un millón de puntos en menos de un segundo.

# %% [markdown] lang="en"
# **What you see.** The MSE (solid blue) is a smooth parabola with its minimum at $c=2.2$, the **mean** of the orders.
# The MAE (dashed orange) is made of straight pieces with corners and has its minimum at $c=2$, the **median**. One
# outrageous table would drag the mean along, not the median: hence the MAE is more robust. And the smoothness of the
# parabola is just what the next step needs.
#
# ## 2. Which way to correct?
#
# Knowing the error is not enough: we need to know **how it changes** when each prediction moves a little. That is the
# **gradient**, a vector with one component per prediction. In the sum of the MSE, $\hat y_i$ appears in a single
# term; differentiating its square brings down a 2, and the mean leaves its $1/n$:
#
# $$\frac{\partial\,\mathrm{MSE}}{\partial \hat y_i}=\frac{2}{n}\,(\hat y_i-y_i)$$
#
# Read it as advice to each table. **Positive:** you predict too much; going up makes it worse, go down. **Negative:**
# you predict too little. **Zero:** leave it alone. And the larger the error, the stronger the advice. The order of
# the difference matters: $\hat y-y$, not the reverse; with its sign turned the model would learn to be wrong.
#
# ### Task 2 · `mse_gradient` (2 points)
#
# Write `mse_gradient(y_true, y_pred)`: it returns the gradient of the MSE with respect to `y_pred`, **an array of
# shape `(n,)`**. It takes what `mse` takes (lists, columns, `uint8`), and a million points in less than a second.


# %% task="mse_gradient" points=2
def mse_gradient(y_true, y_pred):
    """Gradient of the mean squared error with respect to y_pred.

    y_true, y_pred: lists or arrays, shape (n,) or (n, 1) in any mixture. Returns an array, shape (n,).
    """
    ### BEGIN SOLUTION
    true = np.asarray(y_true, dtype=float).ravel()
    predicted = np.asarray(y_pred, dtype=float).ravel()
    return 2 / predicted.size * (predicted - true)
    ### END SOLUTION


# %% check="mse_gradient"
def test_advice(mse_gradient):
    """es: El consejo para cuatro mesas es correcto. | en: The advice to four tables is right."""
    import numpy as np

    got = mse_gradient([1, 2, 3, 4], [3, 2, 1, 4])
    assert np.shape(got) == (4,), T(
        es=f"Se pide un componente por predicción, forma (4,), y salió {np.shape(got)}.",
        en=f"One component per prediction is asked for, shape (4,), got {np.shape(got)}.",
    )
    got, want = np.asarray(got), np.array([1.0, 0.0, -1.0, 0.0])
    assert not np.allclose(got, -want), T(
        es="El signo está al revés: la primera predicción es demasiado alta, su componente debe ser positivo.",
        en="The sign is turned: the first prediction is too high, its component must be positive.",
    )
    assert np.allclose(got, want), T(
        es=f"Las diferencias son (2, 0, −2, 0) y 2/n = 1/2; salió {got}. Revisa el factor.",
        en=f"The differences are (2, 0, −2, 0) and 2/n = 1/2; got {got}. Look at the factor.",
    )


def test_against_a_nudge(mse_gradient):
    """es: Coincide con la pendiente medida al mover una predicción. | en: It equals the slope measured by moving one prediction."""
    import numpy as np

    truth, guess, nudge = np.array([2.0, 0.0, 5.0]), np.array([1.0, 3.0, 4.5]), 1e-5
    got = np.asarray(mse_gradient(truth, guess))
    assert got.shape == (3,), T(
        es=f"Para tres predicciones salió la forma {got.shape}: se pide un componente por predicción.",
        en=f"Three predictions gave shape {got.shape}: one component per prediction is asked for.",
    )
    for i in range(3):
        moved = guess.copy()
        moved[i] += nudge
        measured = (np.mean((truth - moved) ** 2) - np.mean((truth - guess) ** 2)) / nudge
        assert abs(got[i] - measured) < 1e-3, T(
            es=f"Al mover la predicción {i + 1}, el MSE cambia con pendiente {measured:.3f}, pero el gradiente dice {got[i]:.3f}.",
            en=f"Moving prediction {i + 1}, the MSE changes with slope {measured:.3f}, but the gradient says {got[i]:.3f}.",
        )


def test_columns_give_a_vector(mse_gradient):
    """es: Con columnas también sale un vector (n,). | en: Columns give a vector (n,) too."""
    import numpy as np

    truth, guess = np.array([1.0, 2.0, 3.0]), np.array([[2.0], [2.0], [2.0]])
    got = mse_gradient(truth, guess)
    assert np.shape(got) == (3,), T(
        es=f"Con y_true (3,) e y_pred (3, 1) salió la forma {np.shape(got)}: aplana las dos antes de restar.",
        en=f"With y_true (3,) and y_pred (3, 1) the shape is {np.shape(got)}: flatten both before you subtract.",
    )


# %% role="demo"
# Only the prediction for table 5 moves; the other four stay where they are.
slope_here = mse_gradient(y_true, y_pred)[4]
last = np.linspace(-3, 4.6, 150)
error_of = np.array([np.square(y_true - np.append(y_pred[:4], c)).mean() for c in last])

figure, axes = plt.subplots(figsize=(7, 3.8))
axes.plot(last, error_of, color=BLUE, linewidth=2.5, label="MSE")
touching = np.linspace(1.4, 4.6, 2)
axes.plot(touching, 3 + slope_here * (touching - 3), "--", color=RED, linewidth=2, label=T(es="tangente", en="tangent"))
axes.plot(3, 3, "o", color=RED, markersize=9)
axes.annotate(
    T(es=f"pendiente {slope_here:+.1f}", en=f"slope {slope_here:+.1f}"), (3, 3), (-88, 8), textcoords="offset points"
)
axes.annotate("", xy=(1.9, 0.45), xytext=(3, 0.45), arrowprops={"arrowstyle": "->", "color": GREEN, "linewidth": 2.5})
axes.text(3.1, 0.4, T(es="hacia aquí baja", en="this way is down"), color=GREEN)
axes.set_ylim(0, 6)
axes.set_xlabel(T(es="predicción para la mesa 5 (cafés)", en="prediction for table 5 (coffees)"))
axes.set_ylabel(T(es="MSE (cafés²)", en="MSE (coffees²)"))
axes.set_title(T(es="El gradiente es la pendiente", en="The gradient is the slope"))
axes.legend(frameon=False, loc="upper left")
plt.show()

# %% [markdown] lang="es"
# **Qué se ve.** El MSE de las cinco mesas (parábola azul) cuando solo se mueve la predicción para la mesa 5. En el
# punto rojo, $\hat y_5=3$, la recta tangente roja discontinua sube: su pendiente es el quinto componente de tu
# gradiente. Como es positiva, el error baja **en sentido contrario**, hacia la izquierda (flecha verde). El fondo
# está en 0, lo que la mesa pidió; allí aún queda error, el de las otras cuatro.
#
# ## 3. Poner los datos a escala
#
# Ahora la terraza. La tabla `terrace` guarda 60 días: la temperatura (14 a 36 °C), la gente que pasó (unas 800 a 2200
# personas) y las mesas montadas (siempre 14). Para un algoritmo, que solo ve números, «1000 personas» pesa cuarenta
# veces más que «25 grados», solo por la unidad elegida. La **escala** quita las unidades para que las columnas se
# puedan comparar, y hará que el descenso sea mucho más rápido (lo verás al final).
#
# **Mín-máx** lleva cada columna al intervalo de 0 a 1:
#
# $$X'=\frac{X-X_{\min}}{X_{\max}-X_{\min}}$$
#
# > **Cuidado con la diapositiva.** Allí el divisor aparece como $X-X_{\max}$. Es una errata que tienta, porque parece
# > simétrica: «menos el mínimo arriba, menos el máximo abajo». Pruébala: el divisor cambia en cada fila, el punto
# > medio se va a −1 y el máximo divide entre 0. Una escala necesita **una sola vara para toda la columna**, su
# > recorrido
# > $X_{\max}-X_{\min}$.
#
# Dos detalles. Cada columna usa **sus** cifras, no las de la tabla entera. Y una columna constante, como las 14
# mesas, tiene recorrido 0: no distingue unos días de otros, así que la convertimos en 0.
#
# ### Tarea 3 · `min_max_scale` (1 punto)
#
# Escribe `min_max_scale(x)`: recibe una tabla `(n, d)` (array o lista de listas) y devuelve otra `(n, d)` con **cada
# columna** llevada al intervalo de 0 a 1. Una columna constante se convierte en 0. La tabla recibida **no cambia**.
# Un millón de valores, en menos de un segundo.

# %% [markdown] lang="en"
# **What you see.** The MSE of the five tables (blue parabola) when only the prediction for table 5 moves. At the red
# dot, $\hat y_5=3$, the dashed red tangent rises: its slope is the fifth component of your gradient. As it is
# positive, the error falls **the opposite way**, to the left (green arrow). The bottom is at 0, what the table
# ordered; some error is left there, that of the other four.
#
# ## 3. Bringing data to scale
#
# Now the terrace. The table `terrace` holds 60 days: the temperature (14 to 36 °C), the people who passed (some 800
# to 2200), and the tables set up (always 14). To an algorithm, which sees only numbers, "1000 people" weighs forty
# times as much as "25 degrees", merely by the choice of unit. **Scaling** removes the units so that columns can be
# compared, and will make descent much faster (you will see it at the end).
#
# **Min-max** brings every column to the interval from 0 to 1:
#
# $$X'=\frac{X-X_{\min}}{X_{\max}-X_{\min}}$$
#
# > **Mind the slide.** There the divisor reads $X-X_{\max}$. It is a slip that tempts because it looks symmetrical:
# > "minus the minimum above, minus the maximum below". Try it: the divisor differs in every row, the midpoint lands
# > on −1, and the maximum divides by 0. A scale needs **one yardstick for the whole column**, its range
# > $X_{\max}-X_{\min}$.
#
# Two details. Every column uses **its own** figures, not those of the whole table. And a constant column, such as the
# 14 tables, has range 0: it does not tell one day from another, so we turn it into 0.
#
# ### Task 3 · `min_max_scale` (1 point)
#
# Write `min_max_scale(x)`: it takes a table `(n, d)` (an array or a list of lists) and returns another `(n, d)` with
# **every column** brought to the interval from 0 to 1. A constant column becomes 0. The table passed in **does not
# change**. A million values take less than a second.


# %% task="min_max_scale" points=1
def min_max_scale(x):
    """Every column of a table brought to the interval [0, 1].

    x: array or list of lists, shape (n, d); it is not changed. Returns an array, shape (n, d).
    A constant column becomes 0.
    """
    ### BEGIN SOLUTION
    table = np.asarray(x, dtype=float)
    low, high = table.min(axis=0), table.max(axis=0)
    return (table - low) / np.where(high > low, high - low, 1.0)
    ### END SOLUTION


# %% check="min_max_scale"
def test_two_columns(min_max_scale):
    """es: Cada columna va de 0 a 1. | en: Every column runs from 0 to 1."""
    import numpy as np

    with np.errstate(all="ignore"):
        got = min_max_scale([[10, 1], [20, 5], [15, 2]])
    want = np.array([[0, 0], [1, 1], [0.5, 0.25]])
    assert np.shape(got) == (3, 2), T(
        es=f"La tabla (3, 2) salió con forma {np.shape(got)}.",
        en=f"The table (3, 2) came out with shape {np.shape(got)}.",
    )
    got = np.asarray(got)
    assert np.all(got > -1e-9), T(
        es=f"Se pide de 0 a 1 y hay negativos o nan:\n{got}\nEl divisor es el recorrido, Xmax − Xmin.",
        en=f"0 to 1 is asked for, there are negatives or nan:\n{got}\nThe divisor is the range, Xmax − Xmin.",
    )
    assert np.allclose(got, want), T(
        es=f"Salió\n{got}\nCada columna usa su propio mínimo y máximo (axis=0): se esperaba\n{want}",
        en=f"Got\n{got}\nEvery column uses its own minimum and maximum (axis=0): expected\n{want}",
    )


def test_constant_becomes_zero(min_max_scale):
    """es: Una columna constante se convierte en 0. | en: A constant column becomes 0."""
    import numpy as np

    with np.errstate(all="ignore"):
        got = np.asarray(min_max_scale(np.array([[14.0, 1.0], [14.0, 2.0]])))[:, 0]
    assert np.allclose(got, 0), T(
        es=f"La columna (14, 14) se convirtió en {got}, no en 0: su recorrido es 0, evita dividir entre él.",
        en=f"The column (14, 14) became {got}, not 0: its range is 0, avoid dividing by it.",
    )


def test_original_stays(min_max_scale):
    """es: La tabla recibida no cambia. | en: The table passed in does not change."""
    import numpy as np

    table = np.array([[10.0, 1.0], [20.0, 5.0]])
    min_max_scale(table)
    assert np.array_equal(table, [[10, 1], [20, 5]]), T(
        es="Tu función ha cambiado la tabla original: no uses -= ni /= sobre ella, crea un array nuevo.",
        en="Your function changed the original table: do not use -= or /= on it, make a new array.",
    )


# %% [markdown] lang="es"
# **Puntuación z.** Mín-máx depende de dos días, el más bajo y el más alto: un solo dato raro aplasta a todos los
# demás. La estandarización pregunta en cambio *a cuántas desviaciones típicas de la media está cada valor*:
#
# $$z=\frac{X-\mu}{\sigma},\qquad \mu=\frac1n\sum_i X_i,\qquad \sigma=\sqrt{\frac1n\sum_i (X_i-\mu)^2}$$
#
# Esta $\sigma$ es la desviación **poblacional**, que divide entre $n$. La muestral divide entre $n-1$ y sirve para
# *estimar* la dispersión de una población mayor; aquí solo queremos que **estos** datos tengan desviación 1.
#
# ### Tarea 4 · `standardize` (1 punto)
#
# Escribe `standardize(x)`: recibe una tabla `(n, d)` y devuelve otra `(n, d)` en la que **cada columna** tiene media
# 0 y desviación típica poblacional 1. Una columna constante se convierte en 0. Un millón de valores, en menos de un
# segundo.

# %% [markdown] lang="en"
# **Z-score.** Min-max hangs on two days, the lowest and the highest: a single odd value squashes all the others.
# Standardising asks instead *how many standard deviations from the mean each value lies*:
#
# $$z=\frac{X-\mu}{\sigma},\qquad \mu=\frac1n\sum_i X_i,\qquad \sigma=\sqrt{\frac1n\sum_i (X_i-\mu)^2}$$
#
# This $\sigma$ is the **population** deviation, which divides by $n$. The sample deviation divides by $n-1$ and
# serves to *estimate* the spread of a larger population; here we only want **these** data to have deviation 1.
#
# ### Task 4 · `standardize` (1 point)
#
# Write `standardize(x)`: it takes a table `(n, d)` and returns another `(n, d)` in which **every column** has mean 0
# and population standard deviation 1. A constant column becomes 0. A million values take less than a second.


# %% task="standardize" points=1
def standardize(x):
    """Every column of a table brought to mean 0 and population standard deviation 1.

    x: array or list of lists, shape (n, d). Returns an array, shape (n, d).
    A constant column becomes 0.
    """
    ### BEGIN SOLUTION
    table = np.asarray(x, dtype=float)
    # Not `deviation == 0`: rounding gives a column of 0.1 a tiny deviation.
    varies = table.max(axis=0) > table.min(axis=0)
    deviation = np.where(varies, table.std(axis=0), 1.0)
    return np.where(varies, (table - table.mean(axis=0)) / deviation, 0.0)
    ### END SOLUTION


# %% check="standardize"
def test_pair(standardize):
    """es: La columna (1, 3) se convierte en (−1, 1). | en: The column (1, 3) becomes (−1, 1)."""
    import numpy as np

    got = np.asarray(standardize([[1, 10], [3, 50]]))
    assert got.shape == (2, 2), T(
        es=f"La tabla (2, 2) salió con forma {got.shape}.", en=f"The table (2, 2) came out with shape {got.shape}."
    )
    assert not np.allclose(np.abs(got), np.sqrt(0.5)), T(
        es="Has usado la desviación muestral (n − 1): se pide la poblacional, que divide entre n.",
        en="You used the sample deviation (n − 1): the population deviation is asked for, which divides by n.",
    )
    assert np.allclose(got, [[-1, -1], [1, 1]]), T(
        es=f"Salió\n{got}\nLa media de (1, 3) es 2 y su desviación 1, así que debe salir (−1, 1); igual con (10, 50).",
        en=f"Got\n{got}\nThe mean of (1, 3) is 2 and its deviation 1, so (−1, 1) must come out; likewise for (10, 50).",
    )


def test_mean_and_deviation(standardize, terrace):
    """es: Media 0 y desviación 1 en las columnas que varían. | en: Mean 0 and deviation 1 in the columns that vary."""
    import numpy as np

    got = np.asarray(standardize(terrace))[:, :2]
    assert np.allclose(got.mean(axis=0), 0, atol=1e-6), T(
        es=f"Las medias por columna son {got.mean(axis=0)}: réstale a cada columna su propia media.",
        en=f"The column means are {got.mean(axis=0)}: subtract from every column its own mean.",
    )
    assert np.allclose(got.std(axis=0), 1, atol=1e-6), T(
        es=f"Las desviaciones por columna son {got.std(axis=0)}: divide entre la desviación de cada columna.",
        en=f"The column deviations are {got.std(axis=0)}: divide by the deviation of every column.",
    )


def test_constant_column(standardize):
    """es: Una columna constante se convierte en 0. | en: A constant column becomes 0."""
    import numpy as np

    with np.errstate(all="ignore"):
        got = np.asarray(standardize(np.array([[14.0, 1.0], [14.0, 2.0]])))[:, 0]
    assert np.allclose(got, 0), T(
        es=f"La columna (14, 14) se convirtió en {got}: su desviación es 0, evita dividir entre ella.",
        en=f"The column (14, 14) became {got}: its deviation is 0, avoid dividing by it.",
    )


# %% role="demo"
views = (
    (terrace, T(es="sin escalar", en="unscaled"), (-100, 2500), BLACK, "o"),
    (min_max_scale(terrace), T(es="mín-máx", en="min-max"), (-0.2, 1.2), BLUE, "s"),
    (standardize(terrace), T(es="puntuación z", en="z-score"), (-3, 3), GREEN, "^"),
)
figure, panels = plt.subplots(1, 3, figsize=(11, 3.9), layout="constrained")
for axes, (table, name, limits, colour, marker) in zip(panels, views, strict=True):
    axes.plot(table[:, 0], table[:, 1], marker, color=colour, alpha=0.7, markersize=5)
    axes.set(xlim=limits, ylim=limits, aspect="equal", title=name)
    axes.set_xlabel(T(es="temperatura", en="temperature"))
    axes.set_ylabel(T(es="gente que pasa", en="passers-by"))
figure.suptitle(
    T(es="Los mismos 60 días, con la misma unidad en ambos ejes", en="The same 60 days, both axes in one unit")
)
plt.show()

# %% [markdown] lang="es"
# **Qué se ve.** Tres nubes de puntos de los mismos días, la temperatura en horizontal y la gente en vertical. Sin
# escalar (izquierda), con la misma unidad en ambos ejes, la temperatura desaparece: los puntos forman un palo
# vertical. Con mín-máx (centro) llenan el cuadrado de 0 a 1 y con puntuación z (derecha) quedan centrados en el 0:
# por fin se ve que los días calurosos pasa más gente. Escalar no cambia la forma de los datos, solo la vara de medir.
#
# > **En la práctica** el mínimo, el máximo, la media y la desviación se calculan **solo con los datos de
# > entrenamiento** y se reutilizan tal cual con los de prueba. Si no, los datos de prueba se habrían colado en el
# > aprendizaje.
#
# ## 4. Bajar la cuesta
#
# Queremos predecir los cafés helados vendidos, $y$, a partir de la temperatura, $x$, con una recta
# $\hat y=w\,x+b$. Es la neurona más sencilla: un peso y un sesgo. El error depende de $w$ y de $b$ *a través de* las
# predicciones, así que la **regla de la cadena** lleva tu gradiente de la sección 2 hasta ellos: mover $w$ un poco
# mueve
# $\hat y_i$ en $x_i$; mover $b$ lo mueve en 1.
#
# $$\frac{\partial\,\mathrm{MSE}}{\partial w}=\sum_i\frac{2}{n}(\hat y_i-y_i)\,x_i
# \qquad\qquad
# \frac{\partial\,\mathrm{MSE}}{\partial b}=\sum_i\frac{2}{n}(\hat y_i-y_i)$$
#
# El **descenso del gradiente** da un paso cuesta abajo, de tamaño marcado por la **tasa de aprendizaje** $\eta$:
#
# $$w\leftarrow w-\eta\,\frac{\partial\,\mathrm{MSE}}{\partial w}
# \qquad\qquad
# b\leftarrow b-\eta\,\frac{\partial\,\mathrm{MSE}}{\partial b}$$
#
# **Los dos pasos se dan a la vez**: ambos gradientes se miden en el mismo sitio, con los valores viejos. Si
# actualizas
# $w$ y mides la pendiente de $b$ con la $w$ nueva, ya no bajas por donde mediste.
#
# **Lote, iteración, época.** Una **iteración** es una actualización de los parámetros. El **lote** (*batch*) son las
# muestras con que se mide el gradiente de esa iteración. Una **época** termina cuando se han visto todas las muestras
# una vez: 1000 muestras en lotes de 20 son $1000/20=50$ iteraciones por época. Aquí el lote son todos los datos, así
# que cada época es una sola iteración.
#
# ### Tarea 5 · `fit_line` (3 puntos)
#
# Escribe `fit_line(x, y, learning_rate, epochs)`: empieza en `w = b = 0`, da **exactamente `epochs` pasos** de
# descenso del gradiente sobre el MSE de la recta y devuelve `w, b, losses`.
#
# - `losses` (lista o array) tiene `epochs` valores: en cada época, el MSE **antes** de actualizar. El primero es el
#   error de la recta $\hat y=0$.
# - `x` e `y` admiten listas, enteros, y formas `(n,)` o `(n, 1)` en cualquier combinación.
# - Puedes llamar a tu `mse` y tu `mse_gradient`, o escribirlo todo dentro.

# %% [markdown] lang="en"
# **What you see.** Three scatter plots of the same days, temperature across and people upwards. Unscaled (left), with
# the same unit on both axes, the temperature disappears: the points form an upright stick. With min-max (middle) they
# fill the square from 0 to 1, and as z-scores (right) they are centred on 0: at last one sees that more people pass
# on hot days. Scaling does not change the shape of the data, only the yardstick.
#
# > **In practice** minimum, maximum, mean and deviation are computed **from the training data only** and reused as
# > they are on the test data. Otherwise the test data would have slipped into the learning.
#
# ## 4. Going downhill
#
# We want to predict the iced coffees sold, $y$, from the temperature, $x$, by a line $\hat y=w\,x+b$. It is the
# simplest neuron: one weight and one bias. The error depends on $w$ and $b$ *through* the predictions, so the **chain
# rule** carries your gradient of section 2 on to them: moving $w$ a little moves $\hat y_i$ by $x_i$; moving $b$
# moves it by 1.
#
# $$\frac{\partial\,\mathrm{MSE}}{\partial w}=\sum_i\frac{2}{n}(\hat y_i-y_i)\,x_i
# \qquad\qquad
# \frac{\partial\,\mathrm{MSE}}{\partial b}=\sum_i\frac{2}{n}(\hat y_i-y_i)$$
#
# **Gradient descent** takes a step downhill, its size set by the **learning rate** $\eta$:
#
# $$w\leftarrow w-\eta\,\frac{\partial\,\mathrm{MSE}}{\partial w}
# \qquad\qquad
# b\leftarrow b-\eta\,\frac{\partial\,\mathrm{MSE}}{\partial b}$$
#
# **Both steps are taken at once**: both gradients are measured at the same place, with the old values. If you update
# $w$ and measure the slope of $b$ with the new $w$, you no longer go down where you measured.
#
# **Batch, iteration, epoch.** An **iteration** is one update of the parameters. The **batch** is the set of samples
# on which that iteration measures its gradient. An **epoch** ends when all samples have been seen once: 1000 samples
# in batches of 20 are $1000/20=50$ iterations per epoch. Here the batch is all the data, so every epoch is one
# iteration.
#
# ### Task 5 · `fit_line` (3 points)
#
# Write `fit_line(x, y, learning_rate, epochs)`: it starts at `w = b = 0`, takes **exactly `epochs` steps** of
# gradient descent on the MSE of the line, and returns `w, b, losses`.
#
# - `losses` (a list or an array) has `epochs` values: in every epoch the MSE **before** the update. The first is the
#   error of the line $\hat y=0$.
# - `x` and `y` may be lists, integers, and of shape `(n,)` or `(n, 1)` in any mixture.
# - You may call your `mse` and your `mse_gradient`, or write it all inside.


# %% task="fit_line" points=3
def fit_line(x, y, learning_rate, epochs):
    """Gradient descent on the mean squared error of the line w * x + b, from w = b = 0.

    x, y: lists or arrays, shape (n,) or (n, 1) in any mixture.
    Returns (w, b, losses); losses holds one value per epoch, taken before its update.
    """
    ### BEGIN SOLUTION
    inputs = np.asarray(x, dtype=float).ravel()
    targets = np.asarray(y, dtype=float).ravel()
    w = b = 0.0
    losses = []
    for _ in range(epochs):
        error = w * inputs + b - targets
        losses.append(float(np.mean(error**2)))
        slope_w, slope_b = 2 * np.mean(error * inputs), 2 * np.mean(error)
        w, b = float(w - learning_rate * slope_w), float(b - learning_rate * slope_b)
    return w, b, losses
    ### END SOLUTION


# %% check="fit_line"
def test_one_step_by_hand(fit_line):
    """es: Un paso coincide con el calculado a mano. | en: One step equals the one computed by hand."""
    w, b, losses = fit_line([1, 2, 3], [3, 6, 9], 0.1, 1)
    assert len(losses) == 1, T(
        es=f"Con una época, losses debe tener 1 valor y tiene {len(losses)}.",
        en=f"With one epoch losses must have 1 value, it has {len(losses)}.",
    )
    assert abs(losses[0] - 42) < 1e-6, T(
        es=f"La recta inicial es 0, su MSE (9 + 36 + 81)/3 = 42; apuntaste {losses[0]:.4g}. Mídelo antes de actualizar.",
        en=f"The first line is 0, its MSE (9 + 36 + 81)/3 = 42; you noted {losses[0]:.4g}. Measure before the update.",
    )
    steps = {
        -2.8: T(es="subes en lugar de bajar", en="you climb instead of descending"),
        1.4: T(es="falta el 2 de la derivada", en="the 2 of the derivative is missing"),
        8.4: T(es="sumas en lugar de promediar", en="you add up instead of averaging"),
        1.2: T(es="eso es b: el orden es w, b, losses", en="that is b: the order is w, b, losses"),
    }
    reason = steps.get(round(float(w), 3), T(es="revisa el paso de w", en="look at the step of w"))
    assert abs(w - 2.8) < 1e-6, T(
        es=f"La pendiente de w es −2·(3 + 12 + 27)/3 = −28, así que w = 2,8; salió {float(w):.4g}: {reason}.",
        en=f"The slope of w is −2·(3 + 12 + 27)/3 = −28, so w = 2.8; got {float(w):.4g}: {reason}.",
    )
    steps = {
        0.08: T(es="has usado la w nueva", en="you used the new w"),
        0.0: T(es="b no se mueve", en="b does not move"),
    }
    reason = steps.get(round(float(b), 3), T(es="revisa el paso de b", en="look at the step of b"))
    assert abs(b - 1.2) < 1e-6, T(
        es=f"Con la w y la b viejas, la pendiente de b es −2·6 = −12, así que b = 1,2; salió {float(b):.4g}: {reason}.",
        en=f"With the old w and b, the slope of b is −2·6 = −12, so b = 1.2; got {float(b):.4g}: {reason}.",
    )


def test_finds_the_line(fit_line):
    """es: Encuentra la recta y = 2x + 1. | en: It finds the line y = 2x + 1."""
    import numpy as np

    x = np.array([-1.0, 0.0, 1.0])
    w, b, losses = fit_line(x, 2 * x + 1, 0.3, 60)
    assert losses[-1] < losses[0], T(
        es="La pérdida crece: ¿restas el gradiente, o lo sumas?",
        en="The loss grows: do you subtract the gradient, or add it?",
    )
    assert max(abs(w - 2), abs(b - 1)) < 1e-3, T(
        es=f"Tras 60 épocas se esperaba w ≈ 2 y b ≈ 1; salió w = {float(w):.3f}, b = {float(b):.3f}.",
        en=f"After 60 epochs w ≈ 2 and b ≈ 1 were expected; got w = {float(w):.3f}, b = {float(b):.3f}.",
    )


def test_any_shape(fit_line):
    """es: Una x en columna da la misma recta. | en: An x in a column gives the same line."""
    import numpy as np

    x, y = np.array([0.0, 1.0, 2.0]), np.array([1.0, 0.0, 2.0])
    plain, column = fit_line(x, y, 0.1, 5), fit_line(x.reshape(-1, 1), y, 0.1, 5)
    for name, first, second in zip(("w", "b"), plain[:2], column[:2], strict=True):
        assert np.allclose(first, second), T(
            es=f"Con x de forma (3, 1) cambia {name}: aplana x e y al empezar.",
            en=f"With x of shape (3, 1) {name} changes: flatten x and y first.",
        )


# %% role="demo"
from sklearn.preprocessing import StandardScaler

# What `standardize` does, as scikit-learn has it: so this cell needs nothing but your `fit_line`.
z = StandardScaler().fit_transform(temperature.reshape(-1, 1)).ravel()
ends = np.array([z.min(), z.max()])

figure, axes = plt.subplots(figsize=(7.5, 4.2))
axes.plot(temperature, sold, "o", color=BLACK, alpha=0.55, markersize=5, label=T(es="un día", en="one day"))
for epochs, colour, style in ((1, ORANGE, ":"), (5, SKY, "-."), (60, BLUE, "-")):
    w, b, _ = fit_line(z, sold, 0.1, epochs)
    name = T(es=f"recta tras {epochs} ép.", en=f"line after {epochs} ep.")
    axes.plot([temperature.min(), temperature.max()], w * ends + b, style, color=colour, linewidth=2.5, label=name)
axes.set_xlabel(T(es="temperatura (°C)", en="temperature (°C)"))
axes.set_ylabel(T(es="cafés helados vendidos", en="iced coffees sold"))
axes.set_title(T(es="La recta se acerca a los datos", en="The line approaches the data"))
axes.legend(frameon=False)
plt.show()

rmse = np.sqrt(np.square(sold - w * z - b).mean())
print(
    T(
        es=f"Tras 60 épocas el error típico (RMSE) es de {rmse:.1f} cafés.",
        en=f"After 60 epochs the typical error (RMSE) is {rmse:.1f} coffees.",
    )
)

# %% [markdown] lang="es"
# **Qué se ve.** Los 60 días (puntos negros): a más calor, más cafés helados. Tras una época la recta (naranja,
# punteada) está muy abajo y apenas se inclina; tras 5 (celeste, punto y raya) ya ha subido mucho; tras 60 (azul,
# continua) atraviesa el centro de la nube. Lo que queda de error es el ruido de los datos: ninguna recta lo quita.
#
# ### La tasa de aprendizaje
#
# El mismo problema con tres tasas. Apuesta antes de ejecutar: ¿qué hará cada curva?

# %% [markdown] lang="en"
# **What you see.** The 60 days (black dots): the hotter, the more iced coffees. After one epoch the line (orange,
# dotted) is far too low and hardly tilts; after 5 (light blue, dash-dotted) it has risen a lot; after 60 (blue,
# solid) it runs through the middle of the cloud. The error that is left is the noise of the data: no line removes it.
#
# ### The learning rate
#
# The same problem with three rates. Bet before you run: what will each curve do?

# %% role="demo"
rates = (
    (0.005, T(es="demasiado pequeña", en="too small"), ORANGE, "--"),
    (0.1, T(es="buena", en="right"), BLUE, "-"),
    (1.03, T(es="demasiado grande", en="too large"), RED, ":"),
)
figure, axes = plt.subplots(figsize=(7.5, 4.2))
for rate, verdict, colour, style in rates:
    losses = fit_line(z, sold, rate, 40)[2]
    axes.semilogy(range(1, 41), losses, style, color=colour, linewidth=2.5, label=f"η = {rate}: {verdict}")
axes.set_xlabel(T(es="época", en="epoch"))
axes.set_ylabel(T(es="pérdida: MSE (cafés², escala logarítmica)", en="loss: MSE (coffees², log scale)"))
axes.set_title(T(es="Tres tasas de aprendizaje", en="Three learning rates"))
axes.legend(frameon=False, loc="center right", bbox_to_anchor=(1.0, 0.3))
plt.show()

# %% [markdown] lang="es"
# **Qué se ve.** La pérdida por época, en escala logarítmica. Con $\eta=0{,}005$ (naranja, discontinua) baja, pero tan
# despacio que tras 40 épocas sigue lejísimos del suelo. Con $\eta=0{,}1$ (azul, continua) cae deprisa y se aplana en
# el suelo que marca el ruido. Con $\eta=1{,}03$ (roja, de puntos) **crece**: cada paso salta al otro lado del valle y
# cae más arriba de donde salió. Si ves crecer una pérdida, o aparecer `nan`, lo primero es bajar la tasa.
#
# ### Lo que paga la escala
#
# Última apuesta: ¿y si dejamos la temperatura en grados? Le damos casi la mayor tasa con la que no diverge.

# %% [markdown] lang="en"
# **What you see.** The loss per epoch on a logarithmic scale. With $\eta=0.005$ (orange, dashed) it falls, but so
# slowly that after 40 epochs it is still far above the floor. With $\eta=0.1$ (blue, solid) it drops fast and levels
# off on the floor set by the noise. With $\eta=1.03$ (red, dotted) it **grows**: each step leaps to the other side of
# the valley and lands higher than it started. If you see a loss grow, or `nan` appear, lower the rate first.
#
# ### What scaling pays
#
# One last bet: what if the temperature stays in degrees? We give it almost the largest rate that does not diverge.

# %% role="demo"
cases = (
    (temperature, 0.0014, T(es="en grados", en="in degrees"), (-0.5, 4), (-50, 10), ORANGE, "--"),
    (z, 0.3, T(es="puntuación z", en="z-score"), (-8, 48), (-6, 56), BLUE, "-"),
)
figure, panels = plt.subplots(1, 3, figsize=(12, 3.9), layout="constrained")
for axes, (values, rate, name, w_range, b_range, colour, style) in zip(panels, cases, strict=False):
    w_grid, b_grid = np.meshgrid(np.linspace(*w_range, 160), np.linspace(*b_range, 160))
    heights = sum((w_grid * value + b_grid - day) ** 2 for value, day in zip(values, sold, strict=True)) / 60
    axes.contour(w_grid, b_grid, heights, levels=np.geomspace(30, 8000, 12), colors="#999999", linewidths=0.8)
    path = np.array([(0, 0)] + [fit_line(values, sold, rate, k)[:2] for k in range(1, 31)])
    axes.plot(path[:, 0], path[:, 1], "o-", color=colour, markersize=4, linewidth=1.2)
    axes.plot(*np.polyfit(values, sold, 1), "*", color=BLACK, markersize=14)
    axes.set(xlim=w_range, ylim=b_range, xlabel="w", ylabel="b", title=f"{name}, η = {rate}")
    axes.grid(False)
    panels[2].semilogy(
        range(1, 201), fit_line(values, sold, rate, 200)[2], style, color=colour, linewidth=2.5, label=name
    )
panels[2].set_xlabel(T(es="época", en="epoch"))
panels[2].set_ylabel(T(es="MSE (cafés²)", en="MSE (coffees²)"))
panels[2].set_title(T(es="pérdida en 200 épocas", en="loss over 200 epochs"))
panels[2].legend(frameon=False)
plt.show()

# %% [markdown] lang="es"
# **Qué se ve.** A la izquierda y en el centro, el valle del error visto desde arriba: las líneas grises unen puntos
# $(w,b)$ de igual MSE, la estrella negra es la mejor recta y los puntos unidos son los 30 primeros pasos. Con la
# temperatura en grados el valle es un cañón larguísimo y estrecho: los pasos rebotan hasta su fondo y allí se quedan,
# lejos de la estrella, que está mucho más abajo. Con puntuación z el valle es redondo y el camino va directo a la
# estrella. A la derecha, las pérdidas: la de los grados (naranja, discontinua) se atasca alta durante 200 épocas; la
# de las puntuaciones z (azul, continua) llega al suelo en unas pocas.
#
# **Por qué.** El gradiente de $w$ se multiplica por $x\approx 25$ y el de $b$ por 1. La pared empinada obliga a una
# tasa diminuta, y con esa tasa $b$ casi no avanza por el fondo llano. Centrar y escalar deja las dos pendientes
# iguales, y una misma tasa sirve para ambas. En una red con miles de entradas es lo mismo, con más dimensiones.
#
# ## Para recordar
#
# 1. El **MSE** es el área media de los cuadrados del error: castiga lo grande y busca la media. El MAE pesa todo por
#    igual y busca la mediana; el MAPE va en porcentaje y no admite ceros. Vigila formas y tipos antes de restar.
# 2. Su **gradiente**, $\frac2n(\hat y-y)$, dice a cada predicción hacia dónde crece el error, y cuánto.
# 3. **Mín-máx** divide entre $X_{\max}-X_{\min}$; la **puntuación z**, entre la desviación poblacional; siempre columna
#    a columna, con cifras del entrenamiento. La escala vuelve redondo el valle y por eso acelera el aprendizaje.
# 4. El **descenso** lleva el gradiente a $w$ y $b$ con la regla de la cadena y los mueve a la vez. Una iteración es una
#    actualización con un lote; una época, una vuelta a todos los datos.
# 5. Curva que apenas baja: **tasa pequeña**. Que cae y se aplana: **buena**. Que crece: **demasiado grande**.
#
# **Para seguir.** En Keras esto se llama `keras.losses.MeanSquaredError`, `keras.optimizers.SGD` y
# `keras.layers.Normalization`; en scikit-learn, `MinMaxScaler` y `StandardScaler`. Busca la *pérdida de Huber*
# (cuadrado cerca, valor absoluto lejos), el *momento* y *Adam* (pasos con memoria), por qué el MSE sale de suponer
# *ruido gaussiano* (*máxima verosimilitud*), y los capítulos 4 y 8 de *Deep Learning*, de Goodfellow, Bengio y
# Courville.

# %% [markdown] lang="en"
# **What you see.** On the left and in the middle, the valley of the error seen from above: grey lines join points
# $(w,b)$ of equal MSE, the black star is the best line, and the joined dots are the first 30 steps. With the
# temperature in degrees the valley is a very long and narrow canyon: the steps bounce down to its floor and stay
# there, far from the star, which lies much further down. With z-scores the valley is round and the path leads
# straight to the star. On the right, the losses: that of the degrees (orange, dashed) stays stuck high for 200
# epochs; that of the z-scores (blue, solid) reaches the floor within a few.
#
# **Why.** The gradient of $w$ is multiplied by $x\approx 25$, that of $b$ by 1. The steep wall forces a tiny rate,
# and at that rate $b$ hardly moves along the flat floor. Centring and scaling makes both slopes alike, and one rate
# serves both. In a network with thousands of inputs it is the same, with more dimensions.
#
# ## To remember
#
# 1. The **MSE** is the mean area of the error squares: it punishes what is large and seeks the mean. The MAE weighs all
#    alike and seeks the median; the MAPE is a percentage and bears no zeros. Watch shapes and types before subtracting.
# 2. Its **gradient**, $\frac2n(\hat y-y)$, tells every prediction which way the error grows, and how much.
# 3. **Min-max** divides by $X_{\max}-X_{\min}$; the **z-score** by the population deviation; always column by column,
#    with figures of the training data. Scaling makes the valley round and thereby speeds up learning.
# 4. **Descent** carries the gradient to $w$ and $b$ by the chain rule and moves them at once. An iteration is one update
#    with one batch; an epoch, one round through all the data.
# 5. A curve that hardly falls: **rate too small**. That drops and levels off: **right**. That grows: **too large**.
#
# **Go further.** In Keras this is called `keras.losses.MeanSquaredError`, `keras.optimizers.SGD` and
# `keras.layers.Normalization`; in scikit-learn, `MinMaxScaler` and `StandardScaler`. Look up the *Huber loss* (square
# when near, absolute when far), *momentum* and *Adam* (steps with a memory), why the MSE follows from assuming
# *Gaussian noise* (*maximum likelihood*), and chapters 4 and 8 of *Deep Learning* by Goodfellow, Bengio and
# Courville.
