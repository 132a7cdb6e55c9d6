using Microsoft.AspNetCore.Http.HttpResults;
using Raywright.Core.Errors;

namespace Raywright.Server.App.Shared;

/// <summary>Pages without a circuit: what is said to whoever is not, or not yet, in the app.</summary>
internal static class AppPages
{
    public static IResult SignIn(Problem? problem, string to) => new RazorComponentResult<SignInPage>(new { Problem = problem, To = to })
    {
        StatusCode = problem?.Definition.HttpStatus ?? StatusCodes.Status200OK,
    };

    public static IResult NotFound() => new RazorComponentResult<MessagePage>(new { Title = "There is nothing here", Detail = "The address is wrong, or what was here is gone.", Fix = "Go back to the endpoints." })
    {
        StatusCode = StatusCodes.Status404NotFound,
    };

    public static IResult Failure(Problem problem) => new RazorComponentResult<MessagePage>(new { problem.Definition.Title, problem.Detail, Fix = problem.Advice, problem.Code })
    {
        StatusCode = problem.Definition.HttpStatus,
    };

    /// <summary>A page that goes on by itself.</summary>
    public static IResult Forward(string to) => new RazorComponentResult<MessagePage>(new { Title = "You are signed in", Detail = "The app opens.", Fix = "Go on to the app.", To = to, Forward = true });
}
