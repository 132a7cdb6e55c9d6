using System.Net;
using System.Text.Json.Serialization.Metadata;
using Raywright.Core.Errors;

namespace Raywright.Ray.Dashboard;

/// <content>Jobs: commands that run on the cluster.</content>
public sealed partial class DashboardClient
{
    private const string JobsPath = "api/jobs/";

    /// <summary>Starts a job and gives its submission ID. Where a given ID is taken Ray fails (<see cref="Catalogue.RayFailed"/>): ask for it first.</summary>
    public async Task<Result<string>> SubmitJobAsync(JobRequest job, CancellationToken cancellation)
    {
        Result<Reply> reply = await connection.SendAsync(HttpMethod.Post, JobsPath, Json(job, RayJson.Default.JobRequest), cancellation).ConfigureAwait(false);
        if (!reply.Ok)
            return reply.Problems;
        // Ray itself takes jobs from everybody who may read: what refuses them alone stands in front of it.
        if ((int)reply.Value.Status is 403 or 404 or 405 or 501)
            return new Problem(Catalogue.RayJobsRefused, $"{Address} takes no job: it answered {(int)reply.Value.Status}.");
        Result<JobSubmitted> answer = connection.Read(reply.Value, RayJson.Default.JobSubmitted);
        if (!answer.Ok)
            return answer.Problems;
        return answer.Value.SubmissionId is { } id ? id : connection.NotRay("its answer to a job names no submission");
    }

    /// <inheritdoc cref="SubmitJobAsync(JobRequest, CancellationToken)"/>
    public Task<Result<string>> SubmitJobAsync(string entrypoint, string? submissionId, IReadOnlyDictionary<string, string>? metadata, CancellationToken cancellation) =>
        SubmitJobAsync(new JobRequest(entrypoint, submissionId, metadata), cancellation);

    public Task<Result<JobDetails>> JobAsync(string submissionId, CancellationToken cancellation) =>
        OfJobAsync(HttpMethod.Get, submissionId, "", RayJson.Default.JobDetails, cancellation);

    public async Task<Result<IReadOnlyList<JobDetails>>> JobsAsync(CancellationToken cancellation)
    {
        Result<JobDetails[]> answer = await connection.GetAsync(JobsPath, RayJson.Default.JobDetailsArray, cancellation).ConfigureAwait(false);
        return answer.Ok ? answer.Value : answer.Problems;
    }

    /// <summary>What the job wrote so far.</summary>
    public async Task<Result<string>> JobLogsAsync(string submissionId, CancellationToken cancellation)
    {
        Result<JobLogs> answer = await OfJobAsync(HttpMethod.Get, submissionId, "/logs", RayJson.Default.JobLogs, cancellation).ConfigureAwait(false);
        return answer.Ok ? answer.Value.Logs ?? "" : answer.Problems;
    }

    /// <summary>Asks a job to stop; false where it had ended.</summary>
    public async Task<Result<bool>> StopJobAsync(string submissionId, CancellationToken cancellation)
    {
        Result<JobStopped> answer = await OfJobAsync(HttpMethod.Post, submissionId, "/stop", RayJson.Default.JobStopped, cancellation).ConfigureAwait(false);
        return answer.Ok ? answer.Value.Stopped ?? false : answer.Problems;
    }

    /// <summary>Forgets a job that ended; for one that runs Ray fails.</summary>
    public async Task<Result<bool>> DeleteJobAsync(string submissionId, CancellationToken cancellation)
    {
        Result<JobDeleted> answer = await OfJobAsync(HttpMethod.Delete, submissionId, "", RayJson.Default.JobDeleted, cancellation).ConfigureAwait(false);
        return answer.Ok ? answer.Value.Deleted ?? false : answer.Problems;
    }

    private async Task<Result<T>> OfJobAsync<T>(HttpMethod method, string submissionId, string what, JsonTypeInfo<T> type, CancellationToken cancellation)
    {
        Result<Reply> reply = await connection.SendAsync(method, $"{JobsPath}{Segment(submissionId)}{what}", content: null, cancellation).ConfigureAwait(false);
        if (!reply.Ok)
            return reply.Problems;
        return reply.Value.Status == HttpStatusCode.NotFound
            ? new Problem(Catalogue.RayJobUnknown, $"{Address} has no job {submissionId}.")
            : connection.Read(reply.Value, type);
    }
}
