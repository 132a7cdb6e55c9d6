using System.CommandLine;
using Raywright.Cli.CommandLine;
using Raywright.Cli.Commands;
using Raywright.Cli.Tests.Fakes;
using Raywright.Core.Errors;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Cli.Tests.Commands;

/// <summary>What each command reads from its line; the work itself is replaced.</summary>
public sealed class ParsingTests
{
    [Fact]
    public void Up_ReadsItsOptions()
    {
        Assert.Equal(new UpCommand.Options(null, null, false, true, true, false, null, false), Parse<UpCommand.Options>(UpCommand.Create, "up"));
        Assert.Equal(new UpCommand.Options("iris", 7701, true, false, false, true, "ray", true), Parse<UpCommand.Options>(UpCommand.Create, "up iris --port 7701 -d --no-watch --no-browser --trust --on ray --yes"));
    }

    [Fact]
    public void Deploy_ReadsItsOptions()
    {
        Assert.Equal(new DeployCommand.Options(null, "dev", false, false, null), Parse<DeployCommand.Options>(DeployCommand.Create, "deploy"));
        Assert.Equal(new DeployCommand.Options("iris", "prod", true, true, "why"), Parse<DeployCommand.Options>(DeployCommand.Create, "deploy iris -e prod --no-wait --trust --note why"));
    }

    [Fact]
    public void Query_ReadsItsOptions()
    {
        Assert.Equal(new QueryCommand.Options("iris", "[[1,2]]", null, false, false, "dev"), Parse<QueryCommand.Options>(QueryCommand.Create, "query iris [[1,2]]"));
        Assert.Equal(new QueryCommand.Options("iris:3", "-", null, false, false, "dev"), Parse<QueryCommand.Options>(QueryCommand.Create, "query iris:3 -"));
        Assert.Equal(new QueryCommand.Options("iris", "@rows.json", null, false, false, "dev"), Parse<QueryCommand.Options>(QueryCommand.Create, "query iris @rows.json"));
        Assert.Equal(new QueryCommand.Options("iris", null, 4, true, false, "prod"), Parse<QueryCommand.Options>(QueryCommand.Create, "query iris --case 4 --example --env prod"));
    }

    [Fact]
    public void Delete_ReadsItsOptions() =>
        Assert.Equal(new DeleteCommand.Options("iris", "prod", true, true, false), Parse<DeleteCommand.Options>(DeleteCommand.Create, "delete iris --everywhere -y --env prod"));

    [Fact]
    public void Init_ReadsItsOptions() =>
        Assert.Equal(new InitCommand.Options("iris", "m.onnx", "rows.csv", "species", "flowers", true, true), Parse<InitCommand.Options>(InitCommand.Create, "init iris --source m.onnx --data rows.csv --target species --name flowers --trust --force"));

    [Fact]
    public void Convert_ReadsItsOptions()
    {
        Assert.Equal(new ConvertCommand.Options(null, null, false, false), Parse<ConvertCommand.Options>(ConvertCommand.Create, "convert"));
        Assert.Equal(new ConvertCommand.Options("churn", "out/twin.onnx", true, true), Parse<ConvertCommand.Options>(ConvertCommand.Create, "convert churn --output out/twin.onnx --trust --force"));
    }

    [Fact]
    public void Server_ReadsItsOptions()
    {
        ServerCommand.Options options = Parse<ServerCommand.Options>(ServerCommand.Create, "server --port 8080 --ops-port 9090 --app-port 9091 --store Host=db --app-host one.example --app-host two.example");
        Assert.Equal(["one.example", "two.example"], options.AppHosts);
        Assert.Equal(new ServerCommand.Options(8080, 9090, 9091, "Host=db", options.AppHosts), options);
    }

    [Fact]
    public void Compute_ReadsItsOptions()
    {
        Command Add(CliHost host, RunCommand<ComputeAdd.Options> run) => ComputeCommands.Create(host, add: run);
        Command Remove(CliHost host, RunCommand<ComputeCommands.RemoveOptions> run) => ComputeCommands.Create(host, remove: run);
        ComputeAdd.Options options = Parse<ComputeAdd.Options>(Add, "compute add gpu --dashboard http://a:8265 --serve http://a:8000 --token-file - --ca ca.pem --header A:1 --header B:2 --no-wait");
        Assert.Equal(["A:1", "B:2"], options.Headers);
        Assert.Equal(new ComputeAdd.Options("gpu", "http://a:8265", "http://a:8000", "-", "ca.pem", options.Headers, false, null, false, true), options);
        options = Parse<ComputeAdd.Options>(Add, "compute add ray --local --python venv --install --declare --share-list");
        Assert.Equal(new ComputeAdd.Options("ray", null, null, null, null, options.Headers, true, "venv", true, false, true, true), options);
        Assert.Equal(new ComputeCommands.RemoveOptions("gpu", true, true), Parse<ComputeCommands.RemoveOptions>(Remove, "compute remove gpu -y --no-wait"));
    }

    [Fact]
    public void Environment_ReadsItsOptions() =>
        Assert.Equal(new EnvironmentCommands.SetOptions("prod", "gpu"), Parse<EnvironmentCommands.SetOptions>((host, run) => EnvironmentCommands.Create(host, set: run), "env set prod --compute gpu"));

    [Fact]
    public void Share_ReadsItsOptions()
    {
        Assert.Equal(new ShareCommand.Options("iris", "dev", 7 * 86_400), Parse<ShareCommand.Options>(ShareCommand.Create, "share iris"));
        Assert.Equal(new ShareCommand.Options("iris", "prod", 12 * 3600), Parse<ShareCommand.Options>(ShareCommand.Create, "share iris -e prod --for 12h"));
        Assert.Equal(new ShareCommand.Options("iris", "dev", 30 * 60), Parse<ShareCommand.Options>(ShareCommand.Create, "share iris --for 30m"));
    }

    [Theory]
    [InlineData("share iris --for week", "`week` is no time such as 30m, 12h, 7d or 2w")]
    [InlineData("share iris --for 400d", "`400d` is no time")]
    [InlineData("share iris --for 0h", "`0h` is no time")]
    [InlineData("statsu", "`statsu` is no command of `raywright`. Did you mean `status`?")]
    [InlineData("status --hom", "`--hom` is no option of `raywright status`. Did you mean `--home`?")]
    [InlineData("key creat", "`creat` is no command of `raywright key`. Did you mean `create`?")]
    [InlineData("up --port many", "`many` is no number from 1 to 65535, as `--port` takes.")]
    [InlineData("up --port 70000", "`70000` is no number from 1 to 65535, as `--port` takes.")]
    [InlineData("query iris --case 0", "`0` is no number from 1, as `--case` takes.")]
    [InlineData("version show iris", "`iris` is no version; write it like iris:7.")]
    [InlineData("version show :7", "`:7` is no version; write it like iris:7.")]
    [InlineData("status one two", "`two` is no argument of `raywright status`.")]
    [InlineData("key create x --scope root", "root")]
    [InlineData("delete", "MODEL")]
    [InlineData("compute add", "NAME")]
    [InlineData("compute add gpu --token secret", "`--token` is no option of `raywright compute add`.")]
    [InlineData("env set dev", "--compute")]
    public async Task AWrongLine_IsRefusedWithWhatWasMeant(string line, string said)
    {
        using CliRun cli = new();
        (int status, string output, string error) = await cli.RunAsync(line);
        Assert.Equal((1, ""), (status, output));
        Assert.StartsWith("error RW6001: ", error, StringComparison.Ordinal);
        Assert.Contains(said, error, StringComparison.Ordinal);
    }

    private static T Parse<T>(Func<CliHost, RunCommand<T>, Command> create, string line)
    {
        using TemporaryFolder folder = new();
        T? seen = default;
        CliHost host = new(new(TextWriter.Null, TextWriter.Null, TextReader.Null, new(false, false, false, false, 100)), new FixedClock(), new Dictionary<string, string> { ["HOME"] = folder.Path }, folder.Path, folder.Path);
        Command command = create(host, (options, _, _) =>
        {
            seen = options;
            return Task.FromResult<Result<ExitCode>>(ExitCode.Ok);
        });
        RootCommand root = new("test") { CommonOptions.Home, CommonOptions.Json, command };
        Assert.Equal(0, root.Parse(line.Split(' '), new ParserConfiguration { ResponseFileTokenReplacer = null }).Invoke());
        return seen!;
    }
}
