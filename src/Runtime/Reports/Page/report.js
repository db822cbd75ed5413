"use strict";
for (const box of document.querySelectorAll("[data-toggle]"))
  box.addEventListener("change", () => {
    for (const curve of box.closest("section").querySelectorAll(`[data-series="${box.dataset.toggle}"]`))
      curve.classList.toggle("off", !box.checked);
  });
for (const slider of document.querySelectorAll("[data-samples]")) {
  const number = slider.dataset.samples;
  const pictures = document.querySelectorAll(`[data-strip="${number}"]`);
  const output = document.querySelector(`[data-output="${number}"]`);
  slider.addEventListener("input", () => {
    pictures.forEach((picture, i) => { picture.hidden = i !== Number(slider.value); });
    output.textContent = pictures[slider.value].dataset.title;
    slider.setAttribute("aria-valuetext", output.textContent);
  });
}
