"""The program of a notebook's self-check. Its source is copied into the notebook, where Python and IPython are all there is."""

# mypy: disable-error-code="no-untyped-def"


def _self_check(questions, words):
    """Asks one question after the other. What an answer is worth can only be read with that answer."""
    import base64
    import hashlib
    import json
    import math
    import re

    from IPython.display import SVG, Image, Markdown, display

    letters = "abcdefghijklmnopqrstuvwxyz"

    def opened(question, box, place, key):
        """What is in a sealed box, or `None` where the key is another one."""
        sealed = base64.b85decode(box)
        salt = f"{question['salt']}/{place}".encode()
        stream = hashlib.shake_256(hashlib.pbkdf2_hmac("sha256", key.encode(), salt, 1000)).digest(len(sealed))
        content = bytes(one ^ other for one, other in zip(sealed, stream, strict=True))
        return json.loads(content[4:]) if content[:4] == b"open" else None

    def chosen(question, typed):
        count = len(question["choices"])
        picked = sorted(set(re.findall("[a-z]", typed.lower())))
        if not picked or picked[-1] not in letters[:count] or ("several" not in question and len(picked) > 1):
            return None
        found = [opened(question, question["boxes"][letters.index(each)], each, each) for each in picked]
        told = [f"**{each})** {text}" for each, (_, text) in zip(picked, found, strict=True) if text]
        if "several" not in question:
            return found[0][0], [found[0][1]]
        whole = opened(question, question["whole"], "whole", "".join(picked))
        return (100, [*told, whole[1]]) if whole else (0, [*told, words["several"]])

    def number(question, typed):
        try:
            value = float(typed.replace("−", "-").replace(" ", "").replace(",", "."))
        except ValueError:
            return None
        if not math.isfinite(value):
            return None
        for place, (width, box) in enumerate(question["boxes"]):
            for cell in range(math.floor(value / width) - 1, math.floor(value / width) + 2):
                found = opened(question, box, place, str(cell))
                if found and abs(value - found[2]) <= found[3] * (1 + 1e-9):
                    return found[0], [found[1]]
        return 0, []

    def word(question, typed):
        text = " ".join(typed.split())
        text = text if "case" in question else text.lower()
        for place, (size, box) in enumerate(question["boxes"]):
            # A pattern with wildcards is sealed with its longest piece, wherever that stands.
            keys = [text] if size < 0 else dict.fromkeys(text[at : at + size] for at in range(len(text) - size + 1))
            for key in keys:
                found = opened(question, box, place, key)
                if found and re.fullmatch(found[2], text):
                    return found[0], [found[1]]
        return 0, []

    def pairs(question, typed):
        found = dict(re.findall(r"(\d+)[^\da-z]*([a-z])", typed.lower()))
        count = len(question["lefts"])
        if sorted(found, key=int) != [str(each) for each in range(1, count + 1)]:
            return None
        keys = [f"{each}{found[each]}" for each in sorted(found, key=int)]
        right = sum(
            opened(question, box, at, key) is not None
            for at, (box, key) in enumerate(zip(question["boxes"], keys, strict=True))
        )
        whole = opened(question, question["whole"], "whole", " ".join(keys))
        return (
            (100, [whole[1]])
            if whole
            else (round(100 * right / count), [words["pairs"].format(right=right, count=count)])
        )

    kinds = {"choice": chosen, "number": number, "word": word, "pairs": pairs}

    def show(place, question):
        lines = [f"### {place}. {question['title']}\n\n{question['text']}"]
        for name, marks in (("lefts", "123456789"), ("choices", letters), ("rights", letters)):
            listed = [f"**{mark})** {text}" for mark, text in zip(marks, question.get(name, ()), strict=False)]
            lines += ["\n\n".join(listed)] if listed else []
        display(Markdown("\n\n".join(lines)))
        if "svg" in question:
            display(SVG(data=base64.b64decode(question["svg"])))
        if "png" in question:
            display(Image(data=base64.b64decode(question["png"])))

    def ask(question):
        """The best that was answered, in percent; `None` to stop."""
        best = 0
        while best < 100:
            typed = input(f"{words['ask_' + question['kind']]} ").strip()
            if typed.lower() == words["end"]:
                return None
            if not typed:
                break
            found = kinds[question["kind"]](question, typed)
            if found is None:
                print(words["unclear"])
                continue
            worth, told = found
            verdict = (
                words["right"] if worth == 100 else words["part"].format(worth=worth) if worth > 0 else words["wrong"]
            )
            display(Markdown("\n\n".join([f"**{verdict}**", *filter(None, told)])))
            best = max(best, worth)
        return best

    right = 0
    for place, question in enumerate(questions, 1):
        show(place, question)
        try:
            best = ask(question)
        except (EOFError, NotImplementedError):
            print(words["closed"])
            return
        if best is None:
            break
        right += best == 100
    print(words["sum"].format(right=right, count=len(questions)))
