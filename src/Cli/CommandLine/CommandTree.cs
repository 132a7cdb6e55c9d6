using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Raywright.Cli.Commands;

namespace Raywright.Cli.CommandLine;

/// <summary>All commands. A command's own file says what it takes and what it does.</summary>
internal static class CommandTree
{
    private const int WidestHelp = 100;

    public static RootCommand Create(CliHost host)
    {
        RootCommand root = new("Raywright: from a trained model to a service that is tested, versioned and watched")
        {
            CommonOptions.Home,
            CommonOptions.Json,
            UpCommand.Create(host),
            DownCommand.Create(host),
            ServerCommand.Create(host),
            LoginCommand.Create(host),
            LogoutCommand.Create(host),
            InitCommand.Create(host),
            DeployCommand.Create(host),
            PlanCommand.Create(host),
            RenderCommand.Create(host),
            StatusCommand.Create(host),
            QueryCommand.Create(host),
            TestCommand.Create(host),
            LogsCommand.Create(host),
            HistoryCommand.Create(host),
            ScaleCommand.Create(host),
            ShareCommand.Create(host),
            DeleteCommand.Create(host),
            DoctorCommand.Create(host),
            EnvironmentCommands.Create(host),
            ComputeCommands.Create(host),
            OperationCommands.Create(host),
            KeyCommands.Create(host),
            ModelCommands.Create(host),
            VersionCommands.Create(host),
            LedgerCommands.Create(host),
        };
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Description = "Explain the command";
        help.Action = new ShowHelp(host, Math.Min(WidestHelp, host.Terminal.Width));
        root.Options.OfType<VersionOption>().Single().Description = "Print the version";
        root.Options.OfType<VersionOption>().Single().Action = new ShowVersion(host);
        return root;
    }

    public static async Task<int> RunAsync(CliHost host, string[] arguments, CancellationToken cancellation)
    {
        RootCommand root = Create(host);
        ParseResult parse = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (arguments.Length == 0)
        {
            host.Terminal.Write(HelpText.Of(root, Math.Min(WidestHelp, host.Terminal.Width)));
            return 0;
        }
        // A noun alone asks what there is.
        if (parse.CommandResult.Command.Subcommands.Count > 0 && parse.UnmatchedTokens.Count == 0 && parse.Action is not (ShowHelp or ShowVersion))
        {
            host.Terminal.Write(HelpText.Of(parse.CommandResult.Command, Math.Min(WidestHelp, host.Terminal.Width)));
            return 0;
        }
        if (parse.Action is not (ShowHelp or ShowVersion) && Invocation.Objections(parse) is { IsEmpty: false } problems)
            return Invocation.Refuse(host, parse, problems);
        InvocationConfiguration configuration = new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
        return await parse.InvokeAsync(configuration, cancellation).ConfigureAwait(false);
    }

    private sealed class ShowHelp(CliHost host, int width) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            host.Terminal.Write(HelpText.Of(parseResult.CommandResult.Command, width));
            return 0;
        }
    }

    private sealed class ShowVersion(CliHost host) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            host.Terminal.WriteLine($"raywright {ProductVersion.Text}");
            return 0;
        }
    }
}
