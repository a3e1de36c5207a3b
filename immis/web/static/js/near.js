/* Where the reader is, for the list that begins with the nearest ghat. The place stands in the address to a tenth of a
   kilometre; nothing keeps it. Without this script a ghat is found by its district or river. */
const button = document.querySelector("[data-near]");
const answer = document.querySelector("[data-near-answer]");

if (button && "geolocation" in navigator) {
  button.hidden = false;
  button.addEventListener("click", () => {
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => location.assign(`?near=${coords.latitude.toFixed(3)},${coords.longitude.toFixed(3)}#ghats`),
      () => (answer.hidden = false),
      { timeout: 15000, maximumAge: 300000 },
    );
  });
}
