import { randomBytes } from "node:crypto";

/** A readable name for a run, such as `quiet-heron`. Names may repeat: there are 16,384. */
export function randomRunName(bytes: Uint8Array = randomBytes(2)): string {
  const [first = 0, second = 0] = bytes;
  return `${ADJECTIVES[first % ADJECTIVES.length]}-${ANIMALS[second % ANIMALS.length]}`;
}

/** 128 words each, a power of two, so that every name is as likely as any other. */
const ADJECTIVES: readonly string[] = (
  "agile airy alert amber ample ancient apt arctic artful autumn azure balmy bold brave breezy bright " +
  "brisk bronze calm candid casual cheery civil clear clever cobalt copper coral cosmic cosy crisp curious " +
  "daring dapper deep distant eager early earnest easy ember epic fabled festive fleet free fresh frosty " +
  "gentle gifted glad golden grand green happy hardy hazel hearty humble indigo ivory jade jolly jovial " +
  "keen kind lively lofty loyal lucid lucky lunar mellow merry mighty mild misty modest nimble northern " +
  "opal patient plucky proud pure quick quiet rapid ready robust rosy royal ruby rustic sage scarlet " +
  "serene sharp shiny silent silver sleek smart snowy solar spry stable starry steady sturdy subtle sunny " +
  "swift tidy tidal tranquil trusty upbeat velvet vivid warm western wild winter wise witty young zesty"
).split(" ");

const ANIMALS: readonly string[] = (
  "albatross alpaca antelope badger beaver bison bobcat buffalo camel canary caribou cheetah chinchilla " +
  "cicada coyote crane cricket deer dolphin dove dragonfly duck eagle egret elephant elk ermine falcon " +
  "ferret finch firefly flamingo fox gazelle gecko gibbon giraffe goose hawk hedgehog heron horse ibex " +
  "ibis iguana impala jaguar jay kangaroo kestrel kingfisher kiwi koala lark lemming lemur leopard lion " +
  "llama lobster lynx macaw magpie marlin marmot marten martin meerkat moose mule narwhal newt nightjar " +
  "ocelot octopus oriole oryx osprey otter owl oyster panda panther parrot partridge pelican penguin " +
  "pheasant pika pony porcupine puffin puma quail rabbit raccoon raven reindeer robin salamander salmon " +
  "sandpiper seal skylark sparrow squirrel starling stoat stork sturgeon swallow swan thrush tiger toucan " +
  "trout turtle vole wallaby walrus weasel whale wolf wombat woodpecker wren yak zebra"
).split(" ");
