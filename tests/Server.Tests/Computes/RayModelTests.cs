using Raywright.Server.Tests.Deploying;
using Raywright.Server.Tests.Hosting;
using Raywright.TestKit;
using Raywright.TestKit.Ray;
using Xunit;

namespace Raywright.Server.Tests.Computes;

/// <summary>Every real model gives the same answers on real Ray as its author wrote down, by the same URL and from the same spec.</summary>
[Collection(RayHere.OneAtATime)]
public sealed class RayModelTests(RealRay ray)
{
    [Fact]
    public async Task EveryModel_AnswersItsCasesOnRay()
    {
        await using TestServer server = await RayCluster.ServeOnAsync(ray);
        List<string> wrong = [];
        foreach ((string folder, string? artifact) in Models())
        {
            try
            {
                string[] files = artifact is null ? ["model.onnx"] : SharedModelTests.FilesOf(folder, artifact);
                await SharedModelTests.DeployAndAskAsync(server, folder, files, artifact, artifact is null ? SharedModelTests.Differing(folder) : 0);
            }
            catch (Exception e) when (e is Xunit.Sdk.XunitException or InvalidOperationException or KeyNotFoundException)
            {
                wrong.Add($"{folder} {artifact}: {e.Message}");
            }
        }
        await RayCluster.LeaveAsync(server);
        Assert.True(wrong.Count == 0, string.Join("\n\n", wrong));
    }

    private static IEnumerable<(string Folder, string? Artifact)> Models()
    {
        SharedFiles.SkipIfAbsent();
        foreach (var row in SharedModelTests.Models)
            yield return (row.Data, null);
        foreach (var row in SharedModelTests.PythonModels)
        {
            if (row.Data.Item3.Split(' ', StringSplitOptions.RemoveEmptyEntries).All(PythonHere.Has))
                yield return (row.Data.Item1, row.Data.Item2);
        }
    }
}
