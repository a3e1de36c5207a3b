// The tabs of a record: which one the address behind # has opened is told to screen readers; CSS shows it.

const bar = document.querySelector("[data-tabs]");

function mark() {
  const there = location.hash.length > 1 ? document.getElementById(decodeURIComponent(location.hash.slice(1))) : null;
  const open = there?.closest(".tab") ?? document.querySelector(".tabbed > .tab");
  for (const link of bar.querySelectorAll("a")) {
    if (link.hash === `#${open.id}`) {
      link.setAttribute("aria-current", "true");
      link.scrollIntoView({ block: "nearest", inline: "nearest" });
    } else {
      link.removeAttribute("aria-current");
    }
  }
}

if (bar) {
  addEventListener("hashchange", mark);
  mark();
}
