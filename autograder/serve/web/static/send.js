// The form goes to the LMS by itself; its button is for browsers without scripts.
document.querySelector("form[data-send]").submit();
