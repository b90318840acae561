// X's own counter: reads JSON strings, one a line, and prints [weighted length, valid, names called] of each.
const { extractMentions, parseTweet } = require("twitter-text");
const lines = require("node:fs").readFileSync(0, "utf8").split("\n").filter(Boolean);
const answers = lines.map((line) => {
  const text = JSON.parse(line);
  const found = parseTweet(text);
  return [found.weightedLength, found.valid, extractMentions(text)];
});
console.log(JSON.stringify(answers));
