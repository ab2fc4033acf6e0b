// Closes the small window in which a link was saved, when one had a moment to see that it was.

setTimeout(() => window.close(), 1200);
