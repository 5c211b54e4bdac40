/**
 * The page to which the mail about a sign-in links:
 * `https://app.example/disavow#token=lkw_…`. It sends the token only when the
 * user presses the button, so a mail scanner that opens the link changes nothing.
 *
 * Set these two for your project. Nothing else here is specific to it.
 */
const PROJECT = {
  url: "http://127.0.0.1:54321",
  key: "sb_publishable_…",
};

const form = document.querySelector("form");
const status = document.querySelector("[role=status]");

// The part after # is not sent to any server. It is removed, so that it does not
// stay in the browser's history.
const token = new URLSearchParams(location.hash.slice(1)).get("token");
history.replaceState(null, "", location.pathname + location.search);

if (token) form.hidden = false;
else show("Open this page from the link in your message.");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  show("Ending the session…");
  const scope = form.elements.everywhere.checked ? "global" : "local";
  try {
    const response = await fetch(`${PROJECT.url}/functions/v1/revoke`, {
      method: "POST",
      headers: { apikey: PROJECT.key, "Content-Type": "application/json" },
      body: JSON.stringify({ token, scope }),
    });
    const answer = await response.json();
    if (response.ok) {
      form.hidden = true;
      show(
        scope === "global"
          ? "Done. You are signed out everywhere. Now sign in and change your password."
          : "Done. The session has ended. Now change your password.",
      );
    } else {
      // The description says what to do.
      show(answer.error_description);
      form.hidden = answer.code === "invalid_disavow_token";
    }
  } catch {
    show("The server cannot be reached. Check the connection and try again.");
  }
  button.disabled = false;
});

function show(text) {
  status.textContent = text;
}
