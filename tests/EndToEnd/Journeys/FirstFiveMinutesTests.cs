using System.Text.Json;
using Raywright.EndToEnd.Harness;
using Xunit;

namespace Raywright.EndToEnd.Journeys;

/// <summary>What a newcomer types in the first five minutes, word for word.</summary>
public sealed class FirstFiveMinutesTests
{
    private const string Flower = """{"sepal_length": 5.1, "sepal_width": 3.5, "petal_length": 1.4, "petal_width": 0.2}""";

    [Fact]
    public async Task Up_ServesTheSample_AndEveryCommandOfTheReadmeWorks()
    {
        await using Sandbox sandbox = new();
        sandbox.Iris();

        JsonElement up = await sandbox.UpAsync("iris");

        Assert.Equal(sandbox.Url, up.GetProperty("url").GetString());
        Assert.Equal(sandbox.AdminKey, up.GetProperty("key").GetString());
        Assert.Equal("iris", up.GetProperty("model").GetString());
        Assert.Equal("dev", up.GetProperty("environment").GetString());
        Assert.Equal(1, up.GetProperty("version").GetInt32());
        Assert.Matches("^iris-dev-1-[0-9a-f]{8}$", up.GetProperty("revision").GetString());
        Assert.Equal(sandbox.Announced!.Pid, up.GetProperty("serverPid").GetInt32());
        Assert.True(Signals.IsAlive(up.GetProperty("serverPid").GetInt32()), "the server goes on after --detach");
        Assert.True(up.GetProperty("started").GetBoolean());

        await AskInEveryFormAsync(sandbox);
        await LookAroundAsync(sandbox);
        await KeysAsync(sandbox);
        await TakeAwayAsync(sandbox);

        int pid = sandbox.Announced!.Pid;
        (await sandbox.RaywrightAsync("down")).With(0).Saying($"The server (process {pid}) has stopped.");
        Assert.False(Signals.IsAlive(pid));
        Assert.Empty(sandbox.Running);
        (await sandbox.RaywrightAsync("down")).With(0).Saying("No server runs on");
        (await sandbox.RaywrightAsync("status")).With(1).Saying("error RW6002: ", "raywright up");
    }

    [Fact]
    public async Task TheCurlOfUp_CanBePasted()
    {
        await using Sandbox sandbox = new();
        string folder = sandbox.Iris();

        Ended up = (await sandbox.RaywrightAsync("up", folder, "--detach", "--port", sandbox.PortText)).With(0);

        up.Saying("iris:1 serves in dev", $"{sandbox.Url}/serve/dev/predict/iris", "It answers", "raywright query iris --example", "raywright status", "raywright down");
        string curl = up.Output[up.Output.IndexOf("curl ", StringComparison.Ordinal)..];
        curl = curl[..curl.IndexOf("\n\n", StringComparison.Ordinal)];
        Ended answered = (await sandbox.ShellAsync($"{curl} --silent --show-error --fail")).With(0);
        JsonElement outputs = JsonElement.Parse(answered.Output).GetProperty("outputs");
        Assert.Contains(outputs.GetProperty("label").GetString(), new[] { "setosa", "versicolor", "virginica" });
        // What was promised below the command is what it answers.
        Assert.Contains(answered.Output.Trim(), up.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(sandbox.AdminKey, up.All, StringComparison.Ordinal);
    }

    private static async Task AskInEveryFormAsync(Sandbox sandbox)
    {
        string file = Path.Combine(sandbox.Work, "flower.json");
        await File.WriteAllTextAsync(file, Flower, TestContext.Current.CancellationToken);
        Ended[] answers =
        [
            await sandbox.RaywrightAsync("query", "iris", Flower),
            await sandbox.RaywrightAsync("query", "iris", "@flower.json"),
            await sandbox.AskedAsync(Flower, "query", "iris", "-"),
            await sandbox.AskedAsync($$"""{"inputs": {{Flower}}}""", "query", "iris"),
        ];
        foreach (Ended answer in answers)
            Assert.Equal("setosa", JsonElement.Parse(answer.With(0).Output).GetProperty("outputs").GetProperty("label").GetString());

        JsonElement rows = JsonElement.Parse((await sandbox.RaywrightAsync("query", "iris", "[[5.1, 3.5, 1.4, 0.2], [6.7, 2.5, 5.8, 1.8]]")).With(0).Output).GetProperty("outputs");
        Assert.Equal(["setosa", "virginica"], rows.EnumerateArray().Select(row => row.GetProperty("label").GetString()));

        JsonElement named = JsonElement.Parse((await sandbox.RaywrightAsync("query", "iris", """{"input": [[5.1, 3.5, 1.4, 0.2]]}""")).With(0).Output);
        Assert.Equal([0], named.GetProperty("outputs").GetProperty("label").EnumerateArray().Select(label => label.GetInt32()));
        Assert.Equal("setosa", named.GetProperty("labels").GetProperty("label")[0].GetString());

        (await sandbox.RaywrightAsync("query", "iris", "--example")).With(0).Saying("outputs");
        (await sandbox.RaywrightAsync("query", "iris:1", Flower)).With(0).Saying("setosa");
        (await sandbox.RaywrightAsync("query", "iris", """{"sepal_length": 5.1}""")).With(1).Saying("error RW12", "sepal_width");
        (await sandbox.RaywrightAsync("query", "iris", "{not json")).With(1).Saying("error RW1201: ");
        (await sandbox.RaywrightAsync("query", "iris", "@absent.json")).With(5).Saying("error RW6022: There is no file absent.json.");
        (await sandbox.RaywrightAsync("query", "rose", Flower)).With(5).Saying("rose");
        (await sandbox.RaywrightAsync("query", "iris", Flower, "-e", "prod")).With(5);
    }

    private static async Task LookAroundAsync(Sandbox sandbox)
    {
        Ended status = (await sandbox.RaywrightAsync("status")).With(0);
        Assert.StartsWith("iris\tdev\thealthy\t:1\t", status.Output.Split('\n')[1], StringComparison.Ordinal);
        JsonElement document = JsonElement.Parse((await sandbox.RaywrightAsync("status", "--json")).With(0).Output);
        Assert.Equal("healthy", document.GetProperty("endpoints")[0].GetProperty("state").GetString());
        (await sandbox.RaywrightAsync("status", "iris")).With(0).Saying("100 % of the traffic", "sepal_length");
        (await sandbox.RaywrightAsync("status", "rose")).With(5).Saying("rose");
        (await sandbox.RaywrightAsync("history", "iris")).With(0).Saying("iris:1 serves in dev as iris-dev-1-");
        (await sandbox.RaywrightAsync("logs", "iris")).With(0).Saying("\trequest\t", "1 row in");
        (await sandbox.RaywrightAsync("plan", "iris")).With(0);
        Ended explained = (await sandbox.RaywrightAsync("render", "iris", "--explain")).With(0);
        explained.Saying("resources.cpus", "raywright.yaml:9");
        (await sandbox.RaywrightAsync("test", "iris")).With(0).Saying("60 cases passed", "iris passes its tests");
        (await sandbox.RaywrightAsync("deploy", "iris")).With(0).Saying("nothing changed");
        (await sandbox.RaywrightAsync("deploy", "iris", "-e", "staging", "--note", "first try")).With(0).Saying("iris:1 serves in staging");
        (await sandbox.RaywrightAsync("history", "iris", "-e", "staging")).With(0).Saying("first try");
        (await sandbox.RaywrightAsync("deploy", "iris", "-e", "nowhere")).With(5).Saying("error RW3001: ", "dev, staging, prod");
        (await sandbox.RaywrightAsync("env", "list")).With(0).Saying("dev", "staging", "prod");
        (await sandbox.RaywrightAsync("model", "list")).With(0).Saying("iris");
        (await sandbox.RaywrightAsync("version", "show", "iris:1")).With(0).Saying("model.onnx", "cases passed");
        (await sandbox.RaywrightAsync("ledger", "verify")).With(0).Saying("intact");
        (await sandbox.RaywrightAsync("doctor")).With(0).Saying("pass\tthe server\tledger");
    }

    private static async Task KeysAsync(Sandbox sandbox)
    {
        Ended created = (await sandbox.RaywrightAsync("key", "create", "web", "--endpoint", "dev/iris")).With(0);
        string key = created.Output.Trim();
        Assert.Matches("^rwk_[0-9A-Za-z_]+$", key);
        (await sandbox.RaywrightAsync("query", "iris", Flower, "--key", key)).With(0).Saying("setosa");
        (await sandbox.RaywrightAsync("query", "iris", Flower, "--key", key, "-e", "staging")).With(5);
        (await sandbox.RaywrightAsync("deploy", "iris", "--key", key)).With(4).Saying("error RW4");
        (await sandbox.RaywrightAsync("status", "--key", "rwk_wrong")).With(4).Saying("error RW4");

        string id = (await sandbox.RaywrightAsync("key", "list")).With(0).Output.Split('\n').Single(line => line.Contains("\tweb\t", StringComparison.Ordinal)).Split('\t')[0];
        (await sandbox.RaywrightAsync("key", "revoke", id)).With(2).Saying("error RW6009: ", "--yes");
        (await sandbox.RaywrightAsync("query", "iris", Flower, "--key", key)).With(0);
        (await sandbox.RaywrightAsync("key", "revoke", id, "--yes")).With(0).Saying($"{id} (web) is revoked");
        (await sandbox.RaywrightAsync("query", "iris", Flower, "--key", key)).With(4).Saying("error RW4");
        (await sandbox.RaywrightAsync("key", "revoke", "nobody", "--yes")).With(5);
    }

    private static async Task TakeAwayAsync(Sandbox sandbox)
    {
        (await sandbox.RaywrightAsync("delete", "iris")).With(2).Saying("error RW6009: ", "--yes");
        (await sandbox.RaywrightAsync("delete", "rose")).With(5);
        (await sandbox.RaywrightAsync("query", "iris", Flower)).With(0);
        (await sandbox.RaywrightAsync("delete", "iris", "--yes")).With(0).Saying("iris is gone from dev");
        (await sandbox.RaywrightAsync("query", "iris", Flower)).With(5);
        (await sandbox.RaywrightAsync("query", "iris", Flower, "-e", "staging")).With(0);
        (await sandbox.RaywrightAsync("delete", "iris", "--everywhere", "--yes")).With(0).Saying("iris is gone");
        (await sandbox.RaywrightAsync("model", "list")).With(0);
        (await sandbox.RaywrightAsync("status", "iris")).With(5);
    }
}
