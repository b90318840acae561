// X's own counter: reads JSON strings, one a line, and prints [weighted length, valid] of each.
const { parseTweet } = require("twitter-text");
const lines = require("node:fs").readFileSync(0, "utf8").split("\n").filter(Boolean);
const answers = lines.map((line) => parseTweet(JSON.parse(line)));
console.log(JSON.stringify(answers.map((found) => [found.weightedLength, found.valid])));
