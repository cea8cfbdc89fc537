import { Argument } from "commander";
import type { CommandModule } from "../command-module.ts";

export const completion: CommandModule = {
  define(command) {
    command
      .addArgument(new Argument("<shell>", "for which shell").choices(["bash", "zsh", "fish"]))
      .addHelpText(
        "after",
        `
bash:  echo 'source <(datmo completion bash)' >> ~/.bashrc
zsh:   echo 'source <(datmo completion zsh)' >> ~/.zshrc
fish:  datmo completion fish > ~/.config/fish/completions/datmo.fish`,
      );
  },
  async run(call) {
    const [{ describeCommands }, { bashCompletion }, { fishCompletion }, { zshCompletion }] =
      await Promise.all([
        import("../describe-commands.ts"),
        import("../completion/bash.ts"),
        import("../completion/fish.ts"),
        import("../completion/zsh.ts"),
      ]);
    const scripts: Record<string, typeof bashCompletion> = {
      bash: bashCompletion,
      zsh: zshCompletion,
      fish: fishCompletion,
    };
    const script = scripts[call.args[0] ?? ""]?.(await describeCommands(call.root)) ?? "";
    await call.answer({ script }, () => script);
    return 0;
  },
};
