using Raywright.Cli.CommandLine;
using Raywright.Cli.Tests.Fakes;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Cli.Tests.Commands;

public sealed class HelpGoldens
{
    [Fact]
    public async Task HelpOfEveryCommand()
    {
        using CliRun cli = new();
        await cli.RunAsync("--help");
        System.CommandLine.RootCommand root = CommandTree.Create(new CliHost(new(TextWriter.Null, TextWriter.Null, TextReader.Null, new(false, false, false, false, 100)), TimeProvider.System, cli.Variables, cli.Work, cli.Work));
        foreach (System.CommandLine.Command command in root.Subcommands)
        {
            await cli.RunAsync($"{command.Name} --help");
            foreach (System.CommandLine.Command inner in command.Subcommands)
                await cli.RunAsync($"{command.Name} {inner.Name} --help");
        }
        Golden.Matches("help.txt", cli.Transcript);
    }

    [Theory]
    [InlineData("")]
    [InlineData("--help")]
    [InlineData("-h")]
    public async Task WithoutACommand_HelpIsShown(string line)
    {
        using CliRun cli = new();
        (int status, string output, string error) = await cli.RunAsync(line);
        Assert.Equal((0, ""), (status, error));
        Assert.Contains("raywright up samples/iris", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ANounAlone_ShowsItsCommands()
    {
        using CliRun cli = new();
        (int status, string output, _) = await cli.RunAsync("key");
        Assert.Equal(0, status);
        Assert.Contains("revoke ID", output, StringComparison.Ordinal);
    }
}
