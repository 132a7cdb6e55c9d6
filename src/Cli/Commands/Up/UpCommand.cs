using System.CommandLine;
using Raywright.Cli.CommandLine;
using Raywright.Cli.Servers;

namespace Raywright.Cli.Commands;

/// <summary><c>up</c>: everything on one machine. What it does is in <see cref="UpRun"/>.</summary>
internal static class UpCommand
{
    /// <param name="Port">Null means the default, and that a running server's own is as good.</param>
    /// <param name="On">The compute that dev is to use; null leaves it as it is.</param>
    /// <param name="Yes">Ray may be installed without a question.</param>
    internal sealed record Options(string? Path, int? Port, bool Detach, bool Watch, bool Browser, bool Trust, string? On, bool Yes);

    public static Command Create(CliHost host, RunCommand<Options>? run = null)
    {
        Argument<string?> path = Paths.Argument();
        Option<int?> port = CommonOptions.Number("--port", $"Port of the server on 127.0.0.1 (default {Ports.Default})", 1, 65535);
        Option<bool> detach = new("--detach", "-d") { Description = "Leave the server running in the background; `raywright down` stops it" };
        Option<bool> noWatch = new("--no-watch") { Description = "Do not deploy again when files change" };
        Option<bool> noBrowser = new("--no-browser") { Description = "Do not open the app" };
        Option<string?> on = new("--on") { Description = "Compute to run on: `ray` starts a Ray cluster here where there is none, `embedded` goes back (default: the one that dev uses)", HelpName = "COMPUTE" };
        Option<bool> yes = new("--yes", "-y") { Description = "With --on ray: install Ray without being asked, where no Python here has it" };
        return new Verb("up", "Serve the model in a folder: start a server here, test, deploy into dev, open the app")
        {
            Details = "Uses the server that runs on the home folder, or starts one and stops it again on Ctrl-C. "
                + "Writes the spec where there is none. Deploys again each time a file of the model changes.",
            Examples =
            [
                ("up samples/iris", "the folder of a model"),
                ("up model.onnx", "a model file; its spec is written beside it"),
                ("up samples/iris --on ray", "the same on a Ray cluster that is started here"),
                ("up --detach --json", "in a script: serve, print address and key, return"),
            ],
            Options = { port, on, detach, noWatch, noBrowser, CommonOptions.Trust, yes },
            Arguments = { path },
        }.Runs(
            host,
            parse => new Options(parse.GetValue(path), parse.GetValue(port), parse.GetValue(detach), !parse.GetValue(noWatch), !parse.GetValue(noBrowser), parse.GetValue(CommonOptions.Trust), parse.GetValue(on), parse.GetValue(yes)),
            run ?? ((options, session, cancellation) => new UpRun(options, session).RunAsync(cancellation)));
    }
}
