// The page behind `/embed`: the widget alone, filling its frame.
import "../widget/main";

const element = document.createElement("frontdesk-chat");
element.setAttribute("server", location.origin);
element.setAttribute("frame", "");
for (const [name, value] of new URLSearchParams(location.search)) {
  element.setAttribute(name.replaceAll("_", "-"), value);
}
document.body.append(element);
