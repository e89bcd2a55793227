import type { Program } from "./program.ts";

/** Programs that went wrong once, as they were when they were shrunk, in JSON. */
const PROGRAMS: readonly (readonly [what: string, program: string])[] = [
  [
    "a key is exchanged whose other part comes from a row that exchanges its key as well",
    '[{"foreignKeys":false,"suspends":false,"links":[{"left":1,"right":0}],"classes":[{"key":"number","references":[],"uniques":[]},{"key":"dependent","references":[{"mode":"collection","cascadeUpdate":false,"target":0,"required":true}],"uniques":[]},{"key":"generated","references":[],"uniques":[]}]},[[0,0,0,0,0],[0,10,0,0,1],[0,10,0,0,0],[0,0,0,0,0],[0,0,0,0,0]],[{"edits":[[11,0,0,0,0],[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[10,1,0,0,0],[10,0,0,0,0],[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "a row whose owner's key changes gets another part of its own key, and checks are suspended",
    '[{"foreignKeys":true,"suspends":true,"links":[],"classes":[{"key":"number","references":[],"uniques":[]},{"key":"dependent","references":[{"mode":"collection","cascadeUpdate":false,"target":0,"required":true}],"uniques":[]}]},[[0,0,0,0,0],[0,3,0,0,0],[0,0,0,0,0]],[{"edits":[[0,0,0,0,0],[9,0,4,0,0],[9,21,1,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "a row gives up its unique value and what it refers to for rows that come and go",
    '[{"foreignKeys":false,"suspends":false,"links":[],"classes":[{"key":"generated","references":[{"target":0,"required":false,"mode":"plain","cascadeUpdate":false}],"uniques":[{"values":["b"],"reference":false,"partial":false}]}]},[[0,0,0,0,0],[0,0,0,1,0]],[{"edits":[[13,0,0,0,0],[3,0,0,0,0],[5,1,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "a new row must refer to one that takes a key which another one is about to give up",
    '[{"foreignKeys":false,"suspends":false,"links":[],"classes":[{"key":"number","references":[{"target":0,"required":false,"mode":"plain","cascadeUpdate":false},{"target":0,"required":true,"mode":"plain","cascadeUpdate":false}],"uniques":[]}]},[[0,0,0,0,0],[0,0,0,0,0],[0,0,3,0,0]],[{"edits":[[10,0,0,1,0],[13,22,0,0,0],[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "a key is exchanged that a pair refers to with its parts in another order than the key has, and checks are suspended",
    '[{"foreignKeys":true,"suspends":true,"links":[{"left":0,"right":2}],"classes":[{"key":"text","references":[],"uniques":[]},{"key":"generated","references":[],"uniques":[]},{"key":"dependent","references":[{"target":0,"required":true,"mode":"collection","cascadeUpdate":false}],"uniques":[]}]},[[0,0,0,0,0],[0,20,0,0,0],[0,0,0,0,0]],[{"edits":[[11,0,0,0,0],[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[10,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "a row that refers to itself, and that another one refers to, is taken over with its key",
    '[{"foreignKeys":true,"suspends":false,"links":[],"classes":[{"key":"generated","references":[],"uniques":[]},{"key":"dependent","references":[{"target":0,"required":true,"mode":"plain","cascadeUpdate":false},{"target":1,"required":true,"mode":"plain","cascadeUpdate":false}],"uniques":[]}]},[[0,0,0,0,0],[0,0,0,0,0],[0,0,0,0,0],[0,0,0,0,0],[0,13,0,0,0],[0,13,0,0,1],[0,3,0,14,0],[0,0,0,0,0],[0,0,0,0,0]],[{"edits":[[13,11,0,0,0],[13,3,0,0,0],[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "keys are exchanged, and a row that goes from one to the other keeps its value, which others refer to as a pair",
    '[{"foreignKeys":false,"suspends":false,"links":[],"classes":[{"key":"text","references":[],"uniques":[]},{"key":"dependent","references":[{"target":0,"required":true,"mode":"plain","cascadeUpdate":false},{"target":1,"required":false,"mode":"plain","cascadeUpdate":false}],"uniques":[]}]},[[0,0,0,0,0],[0,7,0,0,1]],[{"edits":[[0,7,0,0,2],[0,0,0,0,0],[0,3,1,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[6,7,0,4,0],[10,0,0,0,0],[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "a new row refers to one that gets its key by following another one, which is exchanged",
    '[{"foreignKeys":false,"suspends":false,"links":[],"classes":[{"key":"number","references":[],"uniques":[]},{"key":"generated","references":[{"target":2,"required":false,"mode":"plain","cascadeUpdate":false}],"uniques":[]},{"key":"dependent","references":[{"target":0,"required":true,"mode":"collection","cascadeUpdate":false}],"uniques":[]}]},[[0,0,0,0,0],[0,0,0,0,0],[0,20,0,0,0]],[{"edits":[[0,10,0,0,0],[10,0,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "keys are exchanged, and a row is told once more to refer to one of the two that it refers to already",
    '[{"foreignKeys":false,"suspends":false,"links":[],"classes":[{"key":"number","references":[],"uniques":[]},{"key":"generated","references":[{"target":3,"required":false,"mode":"plain","cascadeUpdate":false}],"uniques":[]},{"key":"generated","references":[],"uniques":[]},{"key":"dependent","references":[{"mode":"collection","cascadeUpdate":false,"target":0,"required":true}],"uniques":[]}]},[[0,0,0,0,0],[0,15,0,0,0],[0,0,0,0,0],[0,3,0,0,0]],[{"edits":[[10,0,0,0,0],[6,16,0,0,0],[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "keys are exchanged by three, and a row moves from one to another",
    '[{"foreignKeys":true,"suspends":false,"links":[],"classes":[{"key":"number","references":[],"uniques":[]},{"key":"dependent","references":[{"target":0,"required":true,"mode":"collection","cascadeUpdate":false}],"uniques":[]}]},[[0,0,0,0,0],[0,0,0,0,0],[0,9,0,21,0],[0,0,0,0,0]],[{"edits":[[5,10,0,0,0],[10,0,0,7,0],[0,3,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "keys that ON UPDATE carries are exchanged by three, and a row moves from one to another",
    '[{"foreignKeys":true,"suspends":false,"links":[],"classes":[{"key":"number","references":[],"uniques":[]},{"key":"dependent","references":[{"target":0,"required":true,"mode":"collection","cascadeUpdate":true}],"uniques":[]}]},[[0,0,0,0,0],[0,0,0,0,0],[0,9,0,21,0],[0,0,0,0,0]],[{"edits":[[5,10,0,0,0],[10,0,0,7,0],[0,3,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "keys are exchanged by three that refer to one another and have a unique key with a NULL in it",
    '[{"foreignKeys":true,"suspends":false,"links":[{"left":0,"right":0}],"classes":[{"key":"text","references":[{"target":0,"required":true,"mode":"plain","cascadeUpdate":false}],"uniques":[{"values":["a","b"],"reference":true,"partial":false}]}]},[[0,0,0,0,0],[0,0,0,0,0],[0,0,0,1,0],[0,0,0,0,0],[0,0,0,0,0]],[{"edits":[[8,0,0,9,0],[14,0,0,0,0],[10,0,0,3,0]],"start":"expire","end":"commit","failAt":0}]]',
  ],
  [
    "a row that is deleted still refers to the key which another one exchanges",
    '[{"foreignKeys":true,"suspends":false,"links":[],"classes":[{"key":"number","references":[{"target":0,"required":false,"mode":"plain","cascadeUpdate":false},{"target":0,"required":false,"mode":"plain","cascadeUpdate":false}],"uniques":[]}]},[[0,0,0,0,0],[0,0,0,0,0],[0,0,9,0,0]],[{"edits":[[13,4,1,0,0],[10,0,0,0,0],[6,0,0,5,0],[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "a new row must refer to one that takes the key of a row which must go first, and which another row leaves for the new one",
    '[{"foreignKeys":true,"suspends":false,"links":[],"classes":[{"key":"number","references":[{"target":0,"required":true,"mode":"plain","cascadeUpdate":false}],"uniques":[]}]},[[0,0,0,0,0],[0,0,0,0,0],[0,0,0,0,0],[0,0,0,16,0],[0,0,0,0,0]],[{"edits":[[13,1,1,0,0],[9,0,9,0,0],[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "under ON UPDATE CASCADE, a new row must refer to one that takes the key of a row which must go first, and which another row leaves for the new one",
    '[{"foreignKeys":true,"suspends":false,"links":[],"classes":[{"key":"number","references":[{"target":0,"required":true,"mode":"plain","cascadeUpdate":true}],"uniques":[]}]},[[0,0,0,0,0],[0,0,0,0,0],[0,0,0,0,0],[0,0,0,16,0],[0,0,0,0,0]],[{"edits":[[13,1,1,0,0],[9,0,9,0,0],[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "rows that are known by a key that is exchanged in rounds are linked late, and nothing checks foreign keys",
    '[{"foreignKeys":false,"suspends":false,"links":[],"classes":[{"key":"text","references":[{"target":2,"required":false,"mode":"plain","cascadeUpdate":false}],"uniques":[]},{"key":"generated","references":[],"uniques":[]},{"key":"dependent","references":[{"target":0,"required":true,"mode":"plain","cascadeUpdate":false},{"target":0,"required":true,"mode":"plain","cascadeUpdate":false}],"uniques":[]}]},[[0,0,0,0,0],[0,20,0,0,0],[0,0,0,0,0],[0,0,0,0,0],[0,11,0,4,0],[0,0,0,0,0]],[{"edits":[[8,17,15,0,0],[6,0,0,0,0],[10,0,0,0,0],[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "a row takes a key which is exchanged, that pairs refer to, and leaves the one that the other row takes",
    '[{"foreignKeys":true,"suspends":false,"links":[{"left":0,"right":1}],"classes":[{"key":"text","references":[],"uniques":[]},{"key":"dependent","references":[{"target":0,"required":true,"mode":"collection","cascadeUpdate":false}],"uniques":[]}]},[[0,0,0,0,0],[0,1,0,0,0],[0,0,0,0,0],[0,0,0,0,0]],[{"edits":[[10,0,0,0,0],[13,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "a row goes from one that is deleted to one that takes its key, which others leave for a new one",
    '[{"foreignKeys":true,"suspends":false,"links":[],"classes":[{"key":"text","references":[],"uniques":[]},{"key":"generated","references":[{"target":0,"required":true,"mode":"plain","cascadeUpdate":false}],"uniques":[]}]},[[0,0,0,0,0],[0,3,0,0,0],[0,0,0,0,0],[0,3,0,7,0]],[{"edits":[[13,0,0,0,0],[8,3,0,0,0],[10,0,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "under ON UPDATE CASCADE, a row goes from one that is deleted to one that takes its key, which others leave for a new one",
    '[{"foreignKeys":true,"suspends":false,"links":[],"classes":[{"key":"text","references":[],"uniques":[]},{"key":"generated","references":[{"target":0,"required":true,"mode":"plain","cascadeUpdate":true}],"uniques":[]}]},[[0,0,0,0,0],[0,3,0,0,0],[0,0,0,0,0],[0,3,0,7,0]],[{"edits":[[13,0,0,0,0],[8,3,0,0,0],[10,0,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "keys are exchanged that rows follow by which a new pair knows one of these",
    '[{"foreignKeys":true,"suspends":false,"links":[{"left":0,"right":1}],"classes":[{"key":"number","references":[],"uniques":[]},{"key":"dependent","references":[{"target":0,"required":true,"mode":"plain","cascadeUpdate":true}],"uniques":[]}]},[[0,0,0,0,0],[0,15,0,0,0],[0,0,0,0,0],[0,0,0,0,0]],[{"edits":[[11,0,2,0,0],[10,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "a row that was loaded alone goes to a new one which takes the key of the one it referred to",
    '[{"foreignKeys":false,"suspends":false,"links":[],"classes":[{"key":"number","references":[{"target":0,"required":false,"mode":"plain","cascadeUpdate":false}],"uniques":[]}]},[[0,0,0,0,0],[0,0,0,0,0],[0,0,0,0,0],[0,0,0,0,0],[0,0,0,0,0]],[{"edits":[[7,1,0,1,0],[7,14,0,7,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[10,0,0,0,0],[13,0,0,0,0],[0,0,0,0,0],[7,21,0,4,0],[0,0,0,0,0]],"start":"reopen","end":"commit","failAt":0},{"edits":[[0,0,0,0,0],[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0],[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "a new row takes a unique value that holds the key of its owner, which takes part in an exchange by three, from one that is deleted late",
    '[{"foreignKeys":true,"suspends":false,"links":[],"classes":[{"key":"number","references":[{"target":0,"required":true,"mode":"plain","cascadeUpdate":true}],"uniques":[{"values":["s"],"reference":true,"partial":false}]},{"key":"generated","references":[],"uniques":[]}]},[[0,0,0,0,0],[0,0,0,0,1],[0,0,0,9,0],[0,0,0,0,2]],[{"edits":[[10,0,0,3,0],[0,0,0,0,0],[13,5,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0],[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0],[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "a row takes the key of the one that it is to refer to, which takes that of the one it has to let go of",
    '[{"foreignKeys":true,"suspends":false,"links":[],"classes":[{"key":"text","references":[{"target":0,"required":true,"mode":"plain","cascadeUpdate":false}],"uniques":[]},{"key":"generated","references":[],"uniques":[]}]},[[0,0,0,0,0],[0,0,0,0,0],[0,0,0,0,0]],[{"edits":[[10,0,0,0,0],[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[5,1,0,0,0],[6,2,0,21,0],[11,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[7,11,0,0,0],[10,0,0,13,0],[5,0,0,0,0],[13,22,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "a new row refers to itself by the key that another one leaves, to which it refers as well",
    '[{"foreignKeys":true,"suspends":false,"links":[],"classes":[{"key":"number","references":[{"target":0,"required":true,"mode":"plain","cascadeUpdate":false},{"target":0,"required":true,"mode":"plain","cascadeUpdate":false}],"uniques":[]},{"key":"generated","references":[{"target":0,"required":true,"mode":"plain","cascadeUpdate":false}],"uniques":[]}]},[[0,0,0,0,0],[0,0,0,0,0],[0,0,0,0,0],[0,1,0,10,0]],[{"edits":[[5,10,0,0,0],[13,0,1,0,0],[10,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[7,0,0,0,0],[13,0,0,0,0],[0,0,0,0,0],[10,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0],[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "a row takes the key of one that is deleted, which waits until the row refers to a new one",
    '[{"foreignKeys":true,"suspends":false,"links":[],"classes":[{"key":"text","references":[{"target":0,"required":true,"mode":"plain","cascadeUpdate":false}],"uniques":[]},{"key":"generated","references":[],"uniques":[]}]},[[0,0,0,0,0],[0,3,0,0,0],[0,0,0,0,0],[0,0,0,0,0]],[{"edits":[[6,0,0,0,0],[7,10,0,2,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[10,0,0,0,0],[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[8,0,0,0,0],[0,0,0,0,0],[11,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[13,0,1,0,0],[10,0,0,0,0],[5,3,0,0,0],[13,17,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "a new object takes over a row while the key of its owner goes there and back",
    '[{"foreignKeys":false,"suspends":false,"links":[],"classes":[{"key":"number","references":[],"uniques":[]},{"key":"dependent","references":[{"mode":"collection","cascadeUpdate":false,"target":0,"required":true}],"uniques":[]},{"key":"generated","references":[],"uniques":[]}]},[[0,0,0,0,0],[0,10,0,0,0],[0,0,0,0,0]],[{"edits":[[0,1,0,0,1],[7,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,2,0,0,0],[0,10,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[10,0,0,0,0],[13,1,0,0,0],[0,0,0,0,0],[10,0,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "a row leaves one that is deleted for a new one, which refers to one that takes that key, as the row does by its own key",
    '[{"foreignKeys":true,"suspends":false,"links":[],"classes":[{"key":"number","references":[{"target":0,"required":false,"mode":"plain","cascadeUpdate":false}],"uniques":[]},{"key":"generated","references":[],"uniques":[]},{"key":"dependent","references":[{"target":0,"required":true,"mode":"plain","cascadeUpdate":false},{"target":0,"required":true,"mode":"plain","cascadeUpdate":false}],"uniques":[]}]},[[0,0,0,0,0],[0,20,0,0,0],[0,0,0,0,0],[0,0,0,0,0]],[{"edits":[[0,4,0,0,0],[7,1,7,5,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[9,0,0,0,0],[7,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0],[0,0,0,0,0],[0,0,0,0,0],[13,10,10,0,0],[9,0,18,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0],[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "rows of two tables that refer to each other exchange keys, and leave a row that is found by one of these",
    '[{"foreignKeys":true,"suspends":false,"links":[],"classes":[{"key":"text","references":[{"target":1,"required":false,"mode":"plain","cascadeUpdate":false}],"uniques":[]},{"key":"dependent","references":[{"mode":"collection","cascadeUpdate":false,"target":0,"required":true}],"uniques":[]}]},[[0,0,0,0,0],[0,21,0,0,0],[0,2,0,0,0],[0,0,0,0,0]],[{"edits":[[10,0,0,21,0],[13,2,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0],[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[10,0,0,0,0],[0,3,0,0,0],[13,19,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "a row that was linked late takes the key that it leaves itself",
    '[{"foreignKeys":true,"suspends":false,"links":[],"classes":[{"key":"text","references":[{"target":0,"required":true,"mode":"plain","cascadeUpdate":false}],"uniques":[]}]},[[0,0,0,0,0],[0,0,0,0,0],[0,0,0,0,0]],[{"edits":[[13,0,0,0,0],[11,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[7,11,0,5,0],[11,0,0,0,0],[13,11,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[13,2,1,0,0],[10,0,0,13,0],[13,4,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "a row whose own key holds its reference goes from a deleted row to the one that takes that key",
    '[{"foreignKeys":false,"suspends":false,"links":[],"classes":[{"key":"number","references":[],"uniques":[]},{"key":"dependent","references":[{"mode":"collection","cascadeUpdate":false,"target":0,"required":true}],"uniques":[]}]},[[0,0,0,0,0],[0,0,0,0,0],[0,0,0,0,0]],[{"edits":[[0,21,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,3,0,0,1],[8,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[13,0,0,0,0],[7,12,0,5,0],[10,0,0,3,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "references under a unique key are exchanged together with the keys that they refer to",
    '[{"foreignKeys":true,"suspends":false,"links":[],"classes":[{"key":"number","references":[{"target":0,"required":true,"mode":"plain","cascadeUpdate":false}],"uniques":[{"values":["a"],"reference":true,"partial":false}]}]},[[0,0,14,0,0],[0,0,0,0,0],[0,0,2,7,0],[0,0,0,0,0]],[{"edits":[[13,5,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[10,0,0,0,0],[8,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "a row refers to one that takes over a deleted row, and both follow keys that are exchanged",
    '[{"foreignKeys":false,"suspends":false,"links":[],"classes":[{"key":"text","references":[],"uniques":[]},{"key":"dependent","references":[{"target":0,"required":true,"mode":"plain","cascadeUpdate":false},{"target":1,"required":true,"mode":"plain","cascadeUpdate":false}],"uniques":[]}]},[[0,0,0,0,0],[0,9,0,0,0],[0,9,0,0,1],[0,0,0,0,0]],[{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[13,6,0,0,0],[10,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "a row that refers to itself is taken over by a new one, and others leave a deleted row",
    '[{"foreignKeys":true,"suspends":false,"links":[],"classes":[{"key":"generated","references":[],"uniques":[]},{"key":"dependent","references":[{"target":0,"required":true,"mode":"plain","cascadeUpdate":false},{"target":1,"required":true,"mode":"plain","cascadeUpdate":false}],"uniques":[]}]},[[0,0,0,0,0],[0,0,0,0,0],[0,0,0,0,0],[0,15,0,0,0]],[{"edits":[[0,7,0,1,0],[13,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0],[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[9,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[9,23,1,0,0],[13,0,0,0,0],[10,7,0,0,0],[13,1,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "a new row refers to two rows by keys that go on in turn",
    '[{"foreignKeys":true,"suspends":false,"links":[],"classes":[{"key":"number","references":[{"target":0,"required":true,"mode":"plain","cascadeUpdate":false},{"target":0,"required":true,"mode":"plain","cascadeUpdate":false}],"uniques":[{"values":["a"],"reference":true,"partial":false}]}]},[[0,0,0,0,0],[0,0,0,0,0],[0,0,0,0,0],[0,0,0,0,0],[0,0,0,5,0]],[{"edits":[[13,7,1,0,0],[9,0,2,0,0],[10,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "a row goes to one that refers to itself, with which it shares a unique value until then",
    '[{"foreignKeys":true,"suspends":false,"links":[],"classes":[{"key":"number","references":[{"target":0,"required":true,"mode":"plain","cascadeUpdate":false}],"uniques":[{"values":["a"],"reference":true,"partial":false}]}]},[[0,0,23,0,0],[0,0,0,0,0],[0,0,11,1,0],[0,0,0,0,0]],[{"edits":[[7,22,1,1,0],[9,0,6,0,0],[13,11,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[8,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[10,0,0,3,0],[13,1,0,0,0],[13,5,0,0,0],[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "a new row takes over a deleted one that follows an exchanged key, and a row refers to it",
    '[{"foreignKeys":true,"suspends":false,"links":[],"classes":[{"key":"number","references":[],"uniques":[]},{"key":"generated","references":[{"target":2,"required":true,"mode":"plain","cascadeUpdate":false}],"uniques":[]},{"key":"dependent","references":[{"mode":"collection","cascadeUpdate":false,"target":0,"required":true}],"uniques":[]}]},[[0,0,0,0,0],[0,11,0,0,0],[0,0,0,0,0],[0,0,0,0,0]],[{"edits":[[0,0,0,0,0],[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,22,0,0,0],[10,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[10,0,0,0,0],[0,0,0,0,0],[13,9,0,0,0],[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "a row that changes its key leaves a deleted one, which waits for it, for a new one",
    '[{"foreignKeys":false,"suspends":false,"links":[],"classes":[{"key":"text","references":[{"target":0,"required":true,"mode":"plain","cascadeUpdate":false}],"uniques":[]}]},[[0,0,0,0,0],[0,0,0,0,0],[0,0,0,0,0]],[{"edits":[[0,0,0,0,0],[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[7,6,0,10,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[10,0,0,0,0],[13,0,1,0,0],[13,3,4,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "rows that refer to one another stay with a new row which takes over that of a deleted one",
    '[{"foreignKeys":true,"suspends":false,"links":[],"classes":[{"key":"text","references":[],"uniques":[]},{"key":"dependent","references":[{"target":0,"required":true,"mode":"plain","cascadeUpdate":false},{"target":1,"required":false,"mode":"owned","cascadeUpdate":false}],"uniques":[]}]},[[0,0,0,0,0],[0,0,0,0,0],[0,0,0,0,0],[0,3,0,0,1]],[{"edits":[[0,1,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[13,0,0,0,0],[10,0,0,0,0],[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "a new row takes a unique value that holds a key which the database has yet to make, from one that follows it",
    '[{"foreignKeys":true,"suspends":false,"links":[],"classes":[{"key":"generated","references":[{"target":1,"required":false,"mode":"plain","cascadeUpdate":false},{"target":0,"required":false,"mode":"plain","cascadeUpdate":false}],"uniques":[{"values":["a"],"reference":true,"partial":false}]},{"key":"dependent","references":[{"mode":"collection","cascadeUpdate":false,"target":0,"required":true}],"uniques":[]}]},[[0,0,0,0,0],[0,1,0,0,0],[0,0,7,0,0],[0,12,0,0,0]],[{"edits":[[13,0,0,0,0],[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[7,0,0,0,0],[6,1,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[5,14,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[13,7,0,0,0],[13,5,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "rows refer to rows that change places among owners whose keys rotate",
    '[{"foreignKeys":false,"suspends":false,"links":[],"classes":[{"key":"number","references":[],"uniques":[]},{"key":"dependent","references":[{"target":0,"required":true,"mode":"plain","cascadeUpdate":false},{"target":1,"required":true,"mode":"plain","cascadeUpdate":false}],"uniques":[]},{"key":"generated","references":[],"uniques":[]}]},[[0,0,0,0,0],[0,0,0,0,0],[0,0,0,0,0],[0,0,0,0,0]],[{"edits":[[0,0,0,0,0],[13,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[5,0,0,0,0],[0,4,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0],[0,4,0,0,1]],"start":"go on","end":"commit","failAt":0},{"edits":[[8,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[7,6,0,2,0],[10,0,0,9,0],[7,18,0,1,0],[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "pairs refer to rows that exchange numbers, keys and owners",
    '[{"foreignKeys":false,"suspends":false,"links":[{"left":0,"right":1}],"classes":[{"key":"number","references":[],"uniques":[]},{"key":"dependent","references":[{"mode":"collection","cascadeUpdate":false,"target":0,"required":true}],"uniques":[]}]},[[0,0,0,0,0],[0,0,0,0,0],[0,0,0,0,0]],[{"edits":[[0,9,0,1,0],[11,0,0,0,0],[0,7,0,0,1]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[8,3,0,0,0],[10,0,0,0,0],[10,7,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "rows exchange numbers with a deleted and a new one while the keys of their owners are exchanged",
    '[{"foreignKeys":true,"suspends":false,"links":[],"classes":[{"key":"number","references":[],"uniques":[]},{"key":"dependent","references":[{"target":0,"required":true,"mode":"plain","cascadeUpdate":false},{"target":1,"required":true,"mode":"plain","cascadeUpdate":false}],"uniques":[]}]},[[0,0,0,0,0],[0,0,0,0,0],[0,15,0,0,0]],[{"edits":[[0,7,0,0,1],[13,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[10,0,0,0,0],[10,7,0,0,0],[13,1,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "a row is linked late to two rows, one of which has to be left for it first",
    '[{"foreignKeys":false,"suspends":false,"links":[],"classes":[{"key":"number","references":[{"target":0,"required":true,"mode":"plain","cascadeUpdate":false},{"target":0,"required":false,"mode":"plain","cascadeUpdate":false}],"uniques":[]}]},[[0,0,0,0,0],[0,0,0,0,0],[0,0,0,1,0],[0,0,0,0,0]],[{"edits":[[10,0,0,13,0],[13,0,0,0,0],[7,0,7,16,0],[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "a new row takes over a deleted one that follows its owner, and another new row takes the key which that had",
    '[{"foreignKeys":false,"suspends":false,"links":[],"classes":[{"key":"number","references":[],"uniques":[]},{"key":"dependent","references":[{"mode":"collection","cascadeUpdate":false,"target":0,"required":true}],"uniques":[]}]},[[0,0,0,0,0],[0,0,0,0,0],[0,0,0,0,0],[0,9,0,0,0]],[{"edits":[[0,3,0,23,0],[10,0,0,3,0],[13,8,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "rows that refer to themselves exchange numbers while one goes to an owner whose key it has already",
    '[{"foreignKeys":false,"suspends":false,"links":[],"classes":[{"key":"text","references":[],"uniques":[]},{"key":"dependent","references":[{"target":0,"required":true,"mode":"plain","cascadeUpdate":false},{"target":1,"required":false,"mode":"owned","cascadeUpdate":false},{"target":0,"required":false,"mode":"plain","cascadeUpdate":false}],"uniques":[]}]},[[0,0,0,0,0],[0,13,0,0,1],[0,3,0,0,0],[0,21,0,0,0],[0,0,0,0,0]],[{"edits":[[7,5,0,4,0],[10,0,0,0,0],[8,9,22,0,0],[10,3,0,0,0],[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "a pair keeps a new row that takes over one whose key is written as it was",
    '[{"foreignKeys":false,"suspends":false,"links":[{"left":0,"right":1}],"classes":[{"key":"number","references":[],"uniques":[]},{"key":"dependent","references":[{"mode":"collection","cascadeUpdate":false,"target":0,"required":true}],"uniques":[]}]},[[0,0,0,0,0],[0,3,0,0,0],[0,0,0,0,0],[0,0,0,0,0],[0,0,0,0,0]],[{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[13,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0],[13,12,0,0,0],[10,0,0,0,0],[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "a row must not meet another one of the same number on the way to a new owner",
    '[{"foreignKeys":false,"suspends":false,"links":[],"classes":[{"key":"text","references":[],"uniques":[]},{"key":"dependent","references":[{"mode":"collection","cascadeUpdate":false,"target":0,"required":true}],"uniques":[]}]},[[0,0,0,0,0],[0,0,0,0,0],[0,7,0,1,0],[0,15,0,0,0]],[{"edits":[[13,0,0,0,0],[8,13,0,0,0],[10,3,0,0,0],[10,9,0,9,0],[10,3,0,3,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[10,0,0,0,0],[13,7,0,0,0],[8,3,0,0,0],[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "a row goes to another owner and is replaced there by a new one of its number",
    '[{"foreignKeys":false,"suspends":false,"links":[],"classes":[{"key":"number","references":[],"uniques":[]},{"key":"dependent","references":[{"mode":"collection","cascadeUpdate":false,"target":0,"required":true}],"uniques":[]},{"key":"generated","references":[],"uniques":[]}]},[[0,0,0,0,0],[0,0,0,0,0],[0,4,0,0,0],[0,1,0,0,0]],[{"edits":[[10,0,0,0,0],[7,14,0,0,0],[0,0,0,0,0],[10,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,1,0,0,1]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[7,20,0,16,0],[13,14,0,0,0],[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "a row that is linked late in three steps is not moved back before the last of those that its unique value holds",
    '[{"foreignKeys":true,"suspends":false,"links":[],"classes":[{"key":"text","references":[{"target":0,"required":true,"mode":"plain","cascadeUpdate":false},{"target":0,"required":false,"mode":"plain","cascadeUpdate":false}],"uniques":[{"values":["b"],"reference":true,"partial":false}]}]},[[0,0,0,10,0],[0,0,0,0,0],[0,0,0,7,0],[0,0,0,2,0]],[{"edits":[[0,0,7,10,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[13,1,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[10,0,0,0,0],[13,7,1,0,0],[13,6,0,0,0],[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "the owner of a deleted row changes its key and is deleted, too",
    '[{"foreignKeys":false,"suspends":false,"links":[],"classes":[{"key":"text","references":[],"uniques":[]},{"key":"dependent","references":[{"mode":"collection","cascadeUpdate":false,"target":0,"required":true}],"uniques":[]}]},[[0,0,0,0,0],[0,0,0,0,0],[0,1,0,0,0],[0,0,0,0,0]],[{"edits":[[13,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[13,5,0,0,0],[9,6,20,0,0],[10,0,0,0,0],[13,2,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "a deleted row gives up its unique value and its reference by one UPDATE, and another one is linked while it is out of the way",
    '[{"foreignKeys":true,"suspends":false,"links":[],"classes":[{"key":"text","references":[{"target":0,"required":false,"mode":"plain","cascadeUpdate":true},{"target":0,"required":false,"mode":"plain","cascadeUpdate":false},{"target":0,"required":true,"mode":"plain","cascadeUpdate":false}],"uniques":[{"values":["b"],"reference":true,"partial":false}]},{"key":"generated","references":[],"uniques":[]}]},[[0,0,0,0,0],[0,0,0,0,0],[0,0,0,9,0]],[{"edits":[[13,0,0,0,0],[13,9,1,0,0],[10,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "a new row refers to one that waits on a temporary key, which waits for a row that refers to the new one",
    '[{"foreignKeys":true,"suspends":false,"links":[],"classes":[{"key":"number","references":[{"target":0,"required":true,"mode":"plain","cascadeUpdate":false}],"uniques":[]},{"key":"dependent","references":[{"target":0,"required":true,"mode":"plain","cascadeUpdate":true}],"uniques":[]}]},[[0,0,0,0,0],[0,0,0,0,0],[0,3,0,0,0],[0,0,0,0,0],[0,0,0,22,0]],[{"edits":[[0,13,0,13,0],[13,20,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[13,1,0,0,0],[0,0,0,0,0],[6,11,0,22,0],[10,0,0,3,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "a row whose own key holds its reference leaves a deleted one while it is out of the way, for one that is so itself",
    '[{"foreignKeys":true,"suspends":false,"links":[],"classes":[{"key":"number","references":[],"uniques":[]},{"key":"generated","references":[],"uniques":[]},{"key":"dependent","references":[{"mode":"collection","cascadeUpdate":false,"target":0,"required":true}],"uniques":[]}]},[[0,10,0,0,0],[0,0,0,0,0],[0,0,0,0,0],[0,0,0,0,0],[0,1,0,0,0],[0,5,0,9,0],[0,0,0,0,0]],[{"edits":[[0,2,0,6,0],[13,9,0,0,0],[5,9,0,0,0],[10,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[8,8,0,0,0],[13,13,0,0,0],[10,0,0,15,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "a row that is linked late by two references, one after the other, takes the key of its owner's next one",
    '[{"foreignKeys":true,"suspends":false,"links":[],"classes":[{"key":"number","references":[{"target":0,"required":true,"mode":"plain","cascadeUpdate":false},{"target":0,"required":false,"mode":"plain","cascadeUpdate":false},{"target":0,"required":true,"mode":"plain","cascadeUpdate":true}],"uniques":[]},{"key":"generated","references":[],"uniques":[]}]},[[0,3,0,0,0],[0,0,0,0,0],[0,0,0,0,0],[0,0,0,3,0],[0,0,0,0,0],[0,0,0,0,0]],[{"edits":[[13,0,0,0,0],[10,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[8,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[10,0,0,21,0],[13,19,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "an object refers to one whose owner is replaced while keys are exchanged",
    '[{"foreignKeys":false,"suspends":false,"links":[],"classes":[{"key":"text","references":[],"uniques":[]},{"key":"dependent","references":[{"mode":"collection","cascadeUpdate":false,"target":0,"required":true}],"uniques":[]},{"key":"generated","references":[{"target":1,"required":false,"mode":"plain","cascadeUpdate":false}],"uniques":[]}]},[[0,0,0,0,0],[0,23,0,0,0],[0,13,0,0,0],[0,0,0,0,0],[0,0,0,0,0]],[{"edits":[[7,1,0,0,0],[10,0,0,0,0],[13,0,0,0,0],[10,0,0,1,0],[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "rows exchange keys and leave a deleted one of their table that refers to one of them",
    '[{"foreignKeys":true,"suspends":false,"links":[],"classes":[{"key":"number","references":[{"target":0,"required":false,"mode":"plain","cascadeUpdate":false}],"uniques":[]}]},[[0,0,0,0,0],[0,0,0,0,0],[0,0,0,0,0]],[{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[6,0,0,6,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[13,0,1,0,0],[10,0,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "rows that refer to themselves get other keys in two steps",
    '[{"foreignKeys":true,"suspends":false,"links":[],"classes":[{"key":"text","references":[],"uniques":[]},{"key":"dependent","references":[{"target":0,"required":true,"mode":"plain","cascadeUpdate":false},{"target":1,"required":false,"mode":"owned","cascadeUpdate":false}],"uniques":[]}]},[[0,0,0,0,0],[0,0,0,0,0],[0,1,0,0,1],[0,1,0,0,7],[0,1,0,15,0]],[{"edits":[[10,3,0,1,0],[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[9,4,0,0,0],[10,0,0,0,0],[10,3,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "rows exchange what they refer to, which exchange numbers while their owners exchange keys",
    '[{"foreignKeys":true,"suspends":true,"links":[],"classes":[{"key":"number","references":[],"uniques":[]},{"key":"dependent","references":[{"target":0,"required":true,"mode":"plain","cascadeUpdate":false}],"uniques":[]},{"key":"dependent","references":[{"target":1,"required":true,"mode":"plain","cascadeUpdate":true}],"uniques":[]}]},[[0,0,0,0,0],[0,4,0,0,4],[0,11,0,0,0],[0,0,0,0,0],[0,4,0,0,0]],[{"edits":[[0,20,0,15,6]],"start":"go on","end":"commit","failAt":0},{"edits":[[10,0,0,0,0],[10,16,0,0,0],[8,17,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "a row that another one refers to is replaced by one which takes the number of a third while their owners exchange keys",
    '[{"foreignKeys":true,"suspends":true,"links":[],"classes":[{"key":"number","references":[],"uniques":[]},{"key":"dependent","references":[{"target":0,"required":true,"mode":"plain","cascadeUpdate":false}],"uniques":[]},{"key":"dependent","references":[{"target":1,"required":true,"mode":"plain","cascadeUpdate":true}],"uniques":[]}]},[[0,0,0,0,0],[0,0,0,0,0],[0,4,0,0,0],[0,0,0,0,0],[0,2,0,0,0],[0,0,0,0,0],[0,1,0,0,0]],[{"edits":[[0,4,0,1,0],[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0],[9,15,6,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[10,0,0,0,0],[13,2,0,0,0],[10,16,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "rows exchange what they refer to, one of which gets another number while its owner gets another key",
    '[{"foreignKeys":true,"suspends":true,"links":[],"classes":[{"key":"number","references":[],"uniques":[]},{"key":"dependent","references":[{"target":0,"required":true,"mode":"plain","cascadeUpdate":false}],"uniques":[]},{"key":"dependent","references":[{"target":1,"required":true,"mode":"plain","cascadeUpdate":false}],"uniques":[]}]},[[0,0,0,0,0],[0,10,0,0,1],[0,11,0,0,0],[0,22,0,0,0],[0,11,0,15,0],[0,0,0,0,0]],[{"edits":[[13,16,0,0,0],[9,21,7,0,0],[5,4,0,0,0],[6,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0],[8,11,0,0,0],[10,0,0,0,0],[9,7,0,0,0],[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "a row refers to a row and by its own key to one that follows that, whose key changes",
    '[{"foreignKeys":true,"suspends":true,"links":[],"classes":[{"key":"number","references":[],"uniques":[]},{"key":"dependent","references":[{"target":0,"required":true,"mode":"plain","cascadeUpdate":true}],"uniques":[]},{"key":"dependent","references":[{"target":1,"required":true,"mode":"plain","cascadeUpdate":true},{"target":0,"required":false,"mode":"owned","cascadeUpdate":true}],"uniques":[]}]},[[0,0,0,0,0],[0,4,0,0,0],[0,0,0,0,0],[0,1,0,0,0],[0,0,0,0,0]],[{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,23,0,7,0],[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[10,0,0,0,0],[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "a row leaves a deleted one for a new one, whose key the one gives up that takes that of the deleted one",
    '[{"foreignKeys":true,"suspends":true,"links":[],"classes":[{"key":"number","references":[],"uniques":[]},{"key":"dependent","references":[{"target":0,"required":true,"mode":"plain","cascadeUpdate":false}],"uniques":[]},{"key":"dependent","references":[{"target":1,"required":true,"mode":"plain","cascadeUpdate":true}],"uniques":[]}]},[[0,0,0,0,0],[0,22,0,0,0],[0,0,0,0,0],[0,1,0,3,0],[0,10,0,0,0]],[{"edits":[[0,1,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[13,0,0,0,0],[10,0,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "rows exchange numbers, one follows, and a new one takes the key that another one passes, while owners exchange keys",
    '[{"foreignKeys":true,"suspends":true,"links":[],"classes":[{"key":"number","references":[],"uniques":[]},{"key":"dependent","references":[{"target":0,"required":true,"mode":"plain","cascadeUpdate":false}],"uniques":[]},{"key":"dependent","references":[{"target":1,"required":true,"mode":"collection","cascadeUpdate":true}],"uniques":[]}]},[[0,6,13,11,21],[0,12,16,12,19],[0,2,18,9,18],[0,7,14,2,1],[0,20,11,20,21],[0,1,9,8,0],[0,21,0,4,13],[0,21,13,11,0]],[{"edits":[[11,16,9,15,5],[7,10,14,10,3],[7,21,14,1,21],[10,6,12,4,17],[0,8,23,18,2],[7,23,0,15,3],[5,22,18,9,0]],"start":"expire","end":"commit","failAt":0},{"edits":[[6,13,0,20,23],[10,8,6,15,18],[7,21,0,11,18],[7,19,2,14,20],[8,1,15,4,8],[13,16,20,11,20],[10,13,13,6,7],[11,6,15,8,14]],"start":"expire","end":"commit","failAt":5},{"edits":[[9,16,15,19,7],[9,18,21,17,17],[0,10,21,10,21],[6,6,23,18,3],[10,22,15,22,13],[6,5,22,4,16],[10,12,21,2,0]],"start":"go on","end":"commit","failAt":2},{"edits":[[10,2,1,12,0],[9,22,17,21,5]],"start":"expire","end":"commit","failAt":3}]]',
  ],
  [
    "a row leaves another one, which is replaced, for the row that takes its place, while their owners change theirs",
    '[{"foreignKeys":true,"suspends":true,"links":[],"classes":[{"key":"number","references":[],"uniques":[]},{"key":"dependent","references":[{"target":0,"required":true,"mode":"plain","cascadeUpdate":true}],"uniques":[]},{"key":"dependent","references":[{"target":1,"required":true,"mode":"plain","cascadeUpdate":true}],"uniques":[]}]},[[0,0,0,0,0],[0,0,0,0,0],[0,2,0,0,0],[0,17,0,0,0],[0,10,0,7,0],[0,11,0,0,0],[0,13,0,0,0]],[{"edits":[[10,0,0,0,0],[13,12,11,0,0],[13,0,0,0,0],[6,17,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "a row is replaced whose key waits while a new one refers to it, and a foreign key is checked at the end",
    '[{"foreignKeys":true,"suspends":true,"links":[],"classes":[{"key":"number","references":[],"uniques":[]},{"key":"dependent","references":[{"target":0,"required":true,"mode":"plain","cascadeUpdate":false}],"uniques":[]},{"key":"dependent","references":[{"target":1,"required":true,"mode":"plain","cascadeUpdate":false,"deferrable":"deferred"}],"uniques":[]}]},[[0,0,0,0,0],[0,0,0,0,0],[0,4,0,0,0],[0,10,0,0,0],[0,1,0,0,0],[0,1,0,0,0]],[{"edits":[[13,0,0,0,0],[10,0,0,0,0],[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "parts of exchanged owners move between items, and a foreign key is checked at the end",
    '[{"foreignKeys":true,"suspends":true,"links":[],"classes":[{"key":"number","references":[],"uniques":[]},{"key":"dependent","references":[{"target":0,"required":true,"mode":"plain","cascadeUpdate":false}],"uniques":[]},{"key":"dependent","references":[{"target":1,"required":true,"mode":"plain","cascadeUpdate":false,"deferrable":"deferred"},{"target":0,"required":true,"mode":"collection","cascadeUpdate":false}],"uniques":[]}]},[[0,8,11,10,20],[0,10,17,10,11],[0,3,2,0,17],[0,15,2,2,6],[0,19,12,6,14]],[{"edits":[[6,22,15,4,13],[0,19,18,20,2]],"start":"reopen","end":"commit","failAt":2},{"edits":[[9,8,9,10,8],[5,18,21,19,4],[10,10,7,17,17],[10,18,18,6,11],[10,20,16,4,5],[7,5,21,16,16]],"start":"go on","end":"commit","failAt":2},{"edits":[[10,4,0,17,6],[9,0,5,1,13],[10,17,3,15,4],[0,19,17,10,1],[10,7,4,7,11],[10,23,12,14,16],[10,12,9,7,10]],"start":"reopen","end":"commit","failAt":0},{"edits":[[10,5,4,2,22],[6,21,16,20,21],[13,12,14,8,17],[10,6,21,5,23],[6,18,9,5,16]],"start":"expire","end":"commit","failAt":2}]]',
  ],
  [
    "rows refer to rows of their table by the keys that follow exchanged owners",
    '[{"foreignKeys":true,"suspends":true,"links":[],"classes":[{"key":"number","references":[],"uniques":[]},{"key":"dependent","references":[{"target":0,"required":true,"mode":"plain","cascadeUpdate":false}],"uniques":[]},{"key":"dependent","references":[{"target":1,"required":true,"mode":"owned","cascadeUpdate":true,"deferrable":"deferred"},{"target":2,"required":false,"mode":"collection","cascadeUpdate":false,"deferrable":"immediate"}],"uniques":[]}]},[[0,15,11,19,10],[0,17,8,3,8],[0,19,18,3,21],[0,13,22,7,11],[0,7,5,21,9],[0,15,3,3,3],[0,19,12,3,5]],[{"edits":[[13,17,1,16,4],[7,8,20,9,6],[7,1,11,6,1],[0,23,5,1,21]],"start":"go on","end":"commit","failAt":1},{"edits":[[7,9,15,20,2],[11,19,6,12,9],[6,3,20,16,19],[7,10,14,9,10],[10,3,16,17,7],[13,8,3,15,6],[9,12,15,21,8]],"start":"go on","end":"commit","failAt":5},{"edits":[[9,11,0,15,12],[10,5,19,3,5],[8,6,19,7,20],[13,15,15,0,0],[7,23,9,7,9],[5,22,22,15,22],[10,13,22,6,1],[13,13,17,16,11]],"start":"expire","end":"commit","failAt":0},{"edits":[[6,6,6,5,18],[5,3,13,10,19],[13,0,18,13,10],[9,13,14,5,8]],"start":"reopen","end":"commit","failAt":3}]]',
  ],
  [
    "parts and items are renumbered while their owners exchange keys, all by ON UPDATE",
    '[{"foreignKeys":true,"suspends":true,"links":[],"classes":[{"key":"number","references":[],"uniques":[]},{"key":"dependent","references":[{"target":0,"required":true,"mode":"collection","cascadeUpdate":true}],"uniques":[]},{"key":"dependent","references":[{"target":1,"required":true,"mode":"owned","cascadeUpdate":true}],"uniques":[]}]},[[0,9,20,3,20],[0,8,17,0,11],[0,0,13,12,0],[0,1,13,13,23],[0,16,4,21,2],[0,12,10,11,14],[0,5,12,4,10],[0,14,7,13,22],[0,0,10,0,5]],[{"edits":[[11,16,11,10,8],[10,16,4,21,0],[7,0,4,8,12],[6,23,16,1,18],[10,21,11,6,19],[7,15,18,0,5],[10,21,16,21,16],[13,19,12,8,13]],"start":"go on","end":"commit","failAt":5},{"edits":[[10,15,13,6,11],[9,22,11,1,13],[7,15,6,13,0],[7,7,14,9,18],[13,12,10,15,5],[6,14,17,20,5],[10,17,6,11,0],[10,6,18,23,4]],"start":"expire","end":"commit","failAt":4},{"edits":[[10,4,10,13,13],[9,5,19,1,10],[5,4,22,19,18],[5,6,11,9,2],[7,1,6,3,21],[8,0,10,18,5],[6,16,1,22,18],[0,9,8,22,18]],"start":"expire","end":"commit","failAt":4},{"edits":[[9,2,15,13,15],[6,16,0,13,0],[10,11,11,15,17],[13,9,21,1,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "rows refer to items whose owners exchange keys, and to an item that goes",
    '[{"foreignKeys":true,"suspends":true,"links":[],"classes":[{"key":"number","references":[],"uniques":[]},{"key":"dependent","references":[{"target":0,"required":true,"mode":"collection","cascadeUpdate":true,"deferrable":"immediate"}],"uniques":[]},{"key":"number","references":[{"target":1,"required":true,"mode":"collection","cascadeUpdate":false,"deferrable":"deferred"},{"target":0,"required":true,"mode":"plain","cascadeUpdate":false}],"uniques":[]}]},[[0,20,0,21,23],[0,11,15,0,9],[0,9,8,1,16],[0,19,20,15,3],[0,14,21,16,11],[0,9,3,23,10],[0,22,3,12,10],[0,14,2,7,23]],[{"edits":[[7,15,9,15,18],[10,14,23,10,8],[7,16,20,1,22],[6,3,23,12,7],[10,16,5,9,12],[5,19,5,15,7],[6,19,13,17,13]],"start":"reopen","end":"commit","failAt":2},{"edits":[[5,12,18,7,20],[7,5,21,15,8]],"start":"expire","end":"commit","failAt":1},{"edits":[[10,20,12,7,23],[13,15,12,13,15],[10,3,14,21,18],[8,19,14,13,21],[11,6,8,16,8]],"start":"go on","end":"commit","failAt":3},{"edits":[[10,20,1,16,21],[9,6,19,16,6],[13,7,15,16,13]],"start":"expire","end":"commit","failAt":5}]]',
  ],
  [
    "rows of a table refer to each other by a key that follows, after the transaction has written them",
    '[{"foreignKeys":true,"suspends":true,"links":[],"classes":[{"key":"number","references":[],"uniques":[]},{"key":"dependent","references":[{"target":0,"required":true,"mode":"collection","cascadeUpdate":false,"deferrable":"deferred"}],"uniques":[]},{"key":"dependent","references":[{"target":1,"required":true,"mode":"owned","cascadeUpdate":true},{"target":2,"required":false,"mode":"plain","cascadeUpdate":true}],"uniques":[]}]},[[0,12,9,7,17],[0,19,9,20,0],[0,5,20,18,10],[0,20,15,12,13],[0,2,22,23,3]],[{"edits":[[0,16,9,20,10],[9,0,5,12,13]],"start":"go on","end":"commit","failAt":3},{"edits":[[13,4,17,23,15],[9,10,9,20,21],[13,3,21,4,11],[10,19,23,5,21],[9,2,18,2,1],[10,10,4,21,19],[13,8,19,3,2]],"start":"expire","end":"commit","failAt":3},{"edits":[[8,9,5,10,15],[10,21,5,9,13],[9,20,9,3,10],[9,15,16,5,19]],"start":"go on","end":"commit","failAt":4}]]',
  ],
  [
    "rows follow exchanged keys by two foreign keys, after the transaction has written them",
    '[{"foreignKeys":true,"suspends":true,"links":[],"classes":[{"key":"number","references":[],"uniques":[]},{"key":"dependent","references":[{"target":0,"required":true,"mode":"collection","cascadeUpdate":true,"deferrable":"deferred"}],"uniques":[]},{"key":"dependent","references":[{"target":1,"required":true,"mode":"owned","cascadeUpdate":true,"deferrable":"immediate"},{"target":0,"required":false,"mode":"owned","cascadeUpdate":true}],"uniques":[]}]},[[0,16,13,3,12],[0,21,1,13,5],[0,6,1,12,22],[0,16,20,22,2],[0,11,13,19,19],[0,8,12,20,14],[0,17,20,22,21],[0,21,10,20,10],[0,6,19,13,22]],[{"edits":[[9,14,0,13,11],[13,12,6,0,14]],"start":"go on","end":"commit","failAt":3},{"edits":[[10,8,20,22,13],[5,7,8,8,13],[10,19,17,21,11],[6,23,2,1,1]],"start":"expire","end":"commit","failAt":3},{"edits":[[8,8,9,18,1],[6,5,21,3,22],[6,22,17,11,21],[8,13,3,7,9],[6,17,19,3,3],[10,18,10,13,9],[13,16,1,16,11],[6,23,18,6,11]],"start":"go on","end":"commit","failAt":3},{"edits":[[7,19,21,3,11]],"start":"expire","end":"commit","failAt":1}]]',
  ],
  [
    "a row waits for a new one, while another one takes the key of its own, which goes, with rows like it",
    '[{"foreignKeys":true,"suspends":true,"links":[],"classes":[{"key":"number","references":[],"uniques":[]},{"key":"dependent","references":[{"target":0,"required":true,"mode":"plain","cascadeUpdate":false}],"uniques":[]},{"key":"dependent","references":[{"target":1,"required":true,"mode":"collection","cascadeUpdate":true,"deferrable":"deferred"}],"uniques":[]}]},[[0,6,12,3,22],[0,7,8,6,17],[0,1,21,1,13],[0,2,11,6,11],[0,14,7,2,0],[0,0,19,19,9],[0,9,14,15,7],[0,11,22,19,10],[0,10,11,13,1]],[{"edits":[[7,22,8,4,20],[8,13,17,4,4],[10,22,18,10,16],[10,18,11,5,3],[7,9,7,11,13],[9,23,4,3,13],[13,2,19,13,9]],"start":"expire","end":"commit","failAt":5},{"edits":[[7,22,22,12,12]],"start":"go on","end":"commit","failAt":1}]]',
  ],
  [
    "a row gets the key of one that is replaced, to which a row of its own refers within the table",
    '[{"foreignKeys":true,"suspends":true,"links":[],"classes":[{"key":"number","references":[],"uniques":[]},{"key":"dependent","references":[{"target":0,"required":true,"mode":"plain","cascadeUpdate":false}],"uniques":[]},{"key":"dependent","references":[{"target":1,"required":true,"mode":"plain","cascadeUpdate":true},{"target":2,"required":false,"mode":"owned","cascadeUpdate":false}],"uniques":[]}]},[[0,0,0,0,0],[0,9,0,0,0],[0,22,0,0,1],[0,4,0,0,0],[0,11,0,21,0],[0,10,0,0,0],[0,5,0,0,0]],[{"edits":[[13,22,0,0,0],[9,0,2,0,0],[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "rows refer to rows of their table by keys that follow exchanged ones, and pairs may be there already",
    '[{"foreignKeys":true,"suspends":true,"links":[{"left":1,"right":1}],"classes":[{"key":"text","references":[],"uniques":[]},{"key":"dependent","references":[{"target":0,"required":true,"mode":"owned","cascadeUpdate":true},{"target":0,"required":true,"mode":"plain","cascadeUpdate":false,"deferrable":"immediate"},{"target":1,"required":true,"mode":"owned","cascadeUpdate":false,"deferrable":"immediate"}],"uniques":[{"values":["a","b"],"reference":true,"partial":false}]}]},[[0,8,15,7,2],[0,2,3,11,11],[0,6,12,9,3],[0,22,13,0,7],[0,7,4,21,1],[0,7,0,8,21],[0,3,23,19,20],[0,21,7,5,5]],[{"edits":[[0,8,11,20,2],[7,3,5,23,1],[7,7,23,8,7],[9,5,0,7,8],[11,0,0,12,3],[7,21,10,0,4],[9,8,12,7,0]],"start":"expire","end":"commit","failAt":1},{"edits":[[13,20,0,12,18],[9,0,3,20,21],[0,5,3,9,12],[13,7,8,8,10],[10,1,3,13,17]],"start":"reopen","end":"commit","failAt":5},{"edits":[[10,23,3,2,3],[8,3,6,10,17],[13,11,12,5,3],[9,17,16,2,4],[10,7,12,2,21],[13,10,22,11,10],[13,12,2,18,17],[8,7,7,14,3]],"start":"reopen","end":"commit","failAt":2},{"edits":[[10,6,16,7,0],[13,14,1,17,7],[7,0,10,18,20],[7,11,23,18,17],[13,11,6,13,10],[7,18,7,14,1],[9,18,15,6,11]],"start":"expire","end":"commit","failAt":2},{"edits":[[7,18,20,5,22],[7,4,23,3,6],[11,5,21,2,7],[8,6,9,11,1],[13,13,9,9,19],[13,11,15,21,5]],"start":"expire","end":"commit","failAt":3},{"edits":[[10,11,0,16,13],[11,15,23,23,21],[13,2,9,12,15],[9,12,15,17,10]],"start":"reopen","end":"commit","failAt":0}]]',
  ],
  [
    "a row is moved out of the way by one part of its reference, and follows a changed key by the other",
    '[{"foreignKeys":true,"suspends":false,"links":[],"classes":[{"key":"text","references":[],"uniques":[]},{"key":"generated","references":[{"target":2,"required":false,"mode":"plain","cascadeUpdate":false}],"uniques":[{"values":["s"],"reference":true,"partial":false}]},{"key":"dependent","references":[{"mode":"collection","cascadeUpdate":false,"target":0,"required":true}],"uniques":[]}]},[[0,0,0,0,0],[0,8,0,0,0],[0,4,0,0,0],[0,10,0,0,1]],[{"edits":[[9,0,1,0,0],[3,4,8,0,0],[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "a row that refers to itself takes another key, and is linked late to one that takes the unique value which it has meanwhile",
    '[{"foreignKeys":true,"suspends":false,"links":[],"classes":[{"key":"number","references":[{"target":0,"required":true,"mode":"plain","cascadeUpdate":false}],"uniques":[{"values":["a"],"reference":true,"partial":false}]},{"key":"generated","references":[],"uniques":[]}]},[[0,0,0,0,0],[0,0,2,0,0],[0,0,0,0,0],[0,0,0,0,0]],[{"edits":[[13,1,4,0,0],[9,0,5,0,0],[6,0,0,18,0],[2,0,0,14,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "a row comes to refer to itself by the key of one that is deleted",
    '[{"foreignKeys":false,"suspends":false,"links":[],"classes":[{"key":"number","references":[{"target":0,"required":true,"mode":"plain","cascadeUpdate":false}],"uniques":[]}]},[[0,0,0,0,0],[0,0,0,0,0],[0,0,0,0,0]],[{"edits":[[5,13,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0],[7,0,0,5,0],[6,4,0,22,0],[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[8,0,0,3,0],[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[8,0,0,21,0],[10,0,0,3,0],[5,1,0,0,0],[5,21,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "a row comes to refer to one that refers to another one, while what these refer to shows other keys for a while",
    '[{"foreignKeys":true,"suspends":true,"links":[],"classes":[{"key":"number","references":[],"uniques":[]},{"key":"dependent","references":[{"target":0,"required":true,"mode":"plain","cascadeUpdate":false}],"uniques":[]},{"key":"dependent","references":[{"target":1,"required":true,"mode":"plain","cascadeUpdate":false},{"target":1,"required":false,"mode":"owned","cascadeUpdate":false}],"uniques":[]}]},[[0,0,0,0,0],[0,0,0,0,0],[0,1,0,0,0],[0,1,0,0,0],[0,4,0,1,0],[0,5,0,3,0],[0,0,0,0,0]],[{"edits":[[10,0,0,0,0],[7,10,3,1,0],[8,4,0,0,0],[10,0,0,0,0]],"start":"go on","end":"commit","failAt":0},{"edits":[[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
  [
    "a row takes another key, and the unique value that what follows it has until then",
    '[{"foreignKeys":true,"suspends":false,"links":[{"left":0,"right":0}],"classes":[{"key":"number","references":[{"target":0,"required":false,"mode":"plain","cascadeUpdate":false,"deferrable":"deferred"}],"uniques":[{"values":["a"],"reference":true,"partial":false}]}]},[[0,0,0,0,0],[0,0,22,0,0],[0,0,16,21,0],[0,0,0,0,0]],[{"edits":[[15,3,0,0,0],[13,0,0,0,0],[10,0,0,15,0],[0,0,0,0,0]],"start":"go on","end":"commit","failAt":0}]]',
  ],
];

export const FOUND = PROGRAMS.map(
  ([what, program]): readonly [what: string, program: Program] => [what, JSON.parse(program) as Program], // so they were written
);
