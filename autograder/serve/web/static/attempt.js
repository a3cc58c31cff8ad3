// Tells how the grading is going, and shows the result when it is there. Without this file the page reloads itself.
const told = document.getElementById("told");
if (told) {
  const stream = new EventSource(told.dataset.events);
  stream.addEventListener("progress", (event) => {
    const news = JSON.parse(event.data);
    told.textContent = news.text;
    if (news.state === "done") {
      stream.close();
      location.reload();
    }
  });
  stream.addEventListener("error", () => {
    // While the browser tries again by itself there is nothing to do.
    if (stream.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 10000);
  });
}
